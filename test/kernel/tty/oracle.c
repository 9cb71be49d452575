#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <string.h>
#include <errno.h>
// Script on stdin, one op a line: N (new pty) / T i o l c0..c18 (set) / F hex / R n / W hex / M / Q
static int hex(const char*p,unsigned char*b){int n=0;while(p[0]&&p[1]&&p[0]!='\n'){unsigned x;sscanf(p,"%2x",&x);b[n++]=x;p+=2;}return n;}
static void out(unsigned char*b,int n){if(n<0)printf("-%d\n",errno);else{printf("=");for(int i=0;i<n;i++)printf("%02x",b[i]);puts("");}}
static char line[200000];static unsigned char b[100000];
int main(){int m=-1,s=-1;setsid();while(fgets(line,sizeof line,stdin)){char c=line[0];
if(c=='N'){if(m>=0){close(s);close(m);}m=open("/dev/ptmx",O_RDWR|O_NOCTTY|O_NONBLOCK);int l=0,n;ioctl(m,TIOCSPTLCK,&l);ioctl(m,TIOCGPTN,&n);char p[40];sprintf(p,"/dev/pts/%d",n);s=open(p,O_RDWR|O_NOCTTY|O_NONBLOCK);puts("new");}
else if(c=='T'){struct termios t;ioctl(s,TCGETS,&t);char*p=line+1;t.c_iflag=strtoul(p,&p,10);t.c_oflag=strtoul(p,&p,10);t.c_lflag=strtoul(p,&p,10);for(int i=0;i<19;i++)t.c_cc[i]=strtoul(p,&p,10);int r=ioctl(s,TCSETS,&t);printf("set %d\n",r);usleep(600);}
else if(c=='F'){int n=hex(line+2,b);int r=write(m,b,n);printf("fed %d\n",r);usleep(1500);}
else if(c=='R'){int n=atoi(line+2);int r=read(s,b,n);out(b,r);usleep(600);}
else if(c=='W'){int n=hex(line+2,b);int r=write(s,b,n);printf("wrote %d\n",r<0?-errno:r);usleep(600);}
else if(c=='M'){usleep(1000);int r=read(m,b,65536);out(b,r);}
else if(c=='Q'){int v=0;ioctl(s,FIONREAD,&v);printf("q %d\n",v);}
}return 0;}
