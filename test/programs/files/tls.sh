# A certificate authority, a server's certificate, and TLS 1.3 and 1.2 between s_server and s_client, with and without a client's certificate, resumed, and refused.
cat > ca.cnf <<'END'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
[server]
subjectAltName = DNS:server.example
END
openssl req -config ca.cnf -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30 -extensions ca 2> /dev/null
for who in server client; do
  openssl ecparam -name prime256v1 -genkey -noout -out $who.key
  openssl req -config ca.cnf -new -key $who.key -subj /CN=$who.example -out $who.csr
  openssl x509 -req -in $who.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile ca.cnf -extensions server -out $who.pem 2>&1 | grep -v '^subject'
done
openssl verify -CAfile ca.pem server.pem client.pem
seq 1 20000 > page.txt
openssl s_server -accept 127.0.0.1:4433 -cert server.pem -key server.key -CAfile ca.pem -verify 1 -WWW -quiet > server.log 2>&1 &
server=$!
until grep -qi ':1151 ' /proc/net/tcp; do sleep 0.05; done
talk() { printf 'GET /page.txt HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:4433 -servername server.example -CAfile ca.pem -verify_return_error -ign_eof "$@" 2> errors; }
for version in -tls1_3 '-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305' '-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256'; do
  talk $version > page; echo "$version: $? $(grep -E '^(New|    Protocol|    Cipher|    Verify return code|Verify return code|Server Temp Key|Peer signature type)' page | sort -u | tr '\n' ';')"
  sed -n '/^HTTP/,$p' page | grep '^[0-9][0-9]*$' | sha256sum
done
talk -cert client.pem -key client.key -sess_out session > page; echo "with a certificate: $? $(grep -c '^2[0-9]*$' page)"
talk -sess_in session | grep -E '^(New|Reused)'
talk -verify_hostname other.example > page; echo "another name: $? $(grep -o 'verify error:.*' errors | head -n 1)"
kill $server; wait $server 2> /dev/null; echo "server: $?"
for algorithm in sha512 sha3-256 blake2b512; do openssl dgst -$algorithm page.txt; done
openssl enc -aes-256-cbc -pbkdf2 -pass pass:secret -in page.txt -out page.enc && openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:secret -in page.enc | cmp - page.txt && echo "encrypted and back"
