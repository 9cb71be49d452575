// Routing sockets (rtnetlink(7)): the ways to loopback addresses, the rules that say in which tables to look, one interface, and what is not there. Of a dump only what is about the loopback interface, as other hosts have more.
#include "check.h"
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static int netlink;
static char answers[65536];
static void show(struct nlmsghdr *message, int from) {
  unsigned char *body = NLMSG_DATA(message);
  for (int i = 0; i < from; i++) printf("%s%02x", i ? "" : " ", body[i]);
  int left = message->nlmsg_len - NLMSG_LENGTH(from);
  for (struct rtattr *one = (void *)(body + NLMSG_ALIGN(from)); RTA_OK(one, left); one = RTA_NEXT(one, left)) {
    unsigned char *value = RTA_DATA(one);
    // When an address came to be, how many refer to a route, and when one did last, is the host's.
    int is_time = message->nlmsg_type == RTM_NEWADDR && one->rta_type == IFA_CACHEINFO, is_count = message->nlmsg_type == RTM_NEWROUTE && one->rta_type == RTA_CACHEINFO;
    if (message->nlmsg_type == RTM_NEWADDR && one->rta_type == 11) continue;
    printf(" %d:", one->rta_type);
    for (int i = is_count ? 8 : 0; i < (is_time ? 8 : RTA_PAYLOAD(one)); i++) printf("%02x", value[i]);
  }
  printf("\n");
}
static int is_loopback(struct nlmsghdr *message, int from) {
  if (message->nlmsg_type != RTM_NEWROUTE) return 1;
  struct rtmsg *route = NLMSG_DATA(message);
  int left = message->nlmsg_len - NLMSG_LENGTH(from), is_out = 0, is_other = 0;
  for (struct rtattr *one = RTM_RTA(route); RTA_OK(one, left); one = RTA_NEXT(one, left)) {
    if (one->rta_type == RTA_OIF) is_out = *(int *)RTA_DATA(one) == 1;
    if (one->rta_type == RTA_DST) is_other = route->rtm_family == AF_INET ? *(unsigned char *)RTA_DATA(one) != 127 : memcmp(RTA_DATA(one), &in6addr_loopback, 16) != 0;
  }
  return is_out && !is_other;
}
static void ask(const char *what, int type, int flags, int from, const void *body, int size) {
  static struct { struct nlmsghdr header; char body[200]; } request;
  request.header = (struct nlmsghdr){NLMSG_LENGTH(size), type, NLM_F_REQUEST | flags, 7, 0};
  memcpy(request.body, body, size);
  send(netlink, &request, request.header.nlmsg_len, 0);
  for (int is_over = 0; !is_over;) {
    int left = recv(netlink, answers, sizeof answers, 0);
    if (left < 0) { tell(what, -1); return; }
    for (struct nlmsghdr *message = (void *)answers; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
      is_over |= !(message->nlmsg_flags & NLM_F_MULTI) || message->nlmsg_type == NLMSG_DONE;
      if (message->nlmsg_type == NLMSG_ERROR) errno = -*(int *)NLMSG_DATA(message), tell(what, -1);
      else if (message->nlmsg_type != NLMSG_DONE && is_loopback(message, from)) printf("%s: %d", what, message->nlmsg_type), show(message, from);
    }
  }
  fflush(stdout);
}
static void to(const char *address) {
  struct { struct rtmsg route; struct rtattr attribute; unsigned char destination[16]; } body = {{AF_INET, 32}, {RTA_LENGTH(4), RTA_DST}};
  if (inet_pton(AF_INET, address, body.destination) != 1) inet_pton(AF_INET6, address, body.destination), body.route.rtm_family = AF_INET6, body.route.rtm_dst_len = 128, body.attribute.rta_len = RTA_LENGTH(16);
  ask(address, RTM_GETROUTE, 0, sizeof body.route, &body, sizeof body.route + body.attribute.rta_len);
}
static void device(const char *what, int index, const char *name) {
  struct { struct ifinfomsg link; struct rtattr attribute; char name[16]; } body = {{AF_UNSPEC, 0, 0, index}};
  if (name) body.attribute = (struct rtattr){RTA_LENGTH(strlen(name) + 1), IFLA_IFNAME}, strcpy(body.name, name);
  ask(what, RTM_GETLINK, 0, sizeof body.link, &body, sizeof body.link + body.attribute.rta_len);
}
int main(void) {
  netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  to("127.0.0.1"), to("127.5.6.7"), to("127.255.255.255"), to("::1");
  struct fib_rule_hdr rules = {AF_INET}, rules6 = {AF_INET6};
  ask("rules", RTM_GETRULE, NLM_F_DUMP, sizeof rules, &rules, sizeof rules), ask("rules of IPv6", RTM_GETRULE, NLM_F_DUMP, sizeof rules, &rules6, sizeof rules);
  struct rtmsg routes = {AF_INET}, routes6 = {AF_INET6}, any = {AF_UNSPEC, 32};
  ask("routes", RTM_GETROUTE, NLM_F_DUMP, sizeof routes, &routes, sizeof routes), ask("routes of IPv6", RTM_GETROUTE, NLM_F_DUMP, sizeof routes, &routes6, sizeof routes), ask("of no family", RTM_GETROUTE, 0, sizeof any, &any, sizeof any);
  device("no such number", 77777, NULL), device("no such name", 0, "nothing"), device("neither", 0, NULL);
  return 0;
}
