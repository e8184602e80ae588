#!/usr/bin/env bash
# Runs the scanners that Debian has against planted-server.mjs, and writes what they report beside this file.
# apt-get install sqlmap wapiti testssl.sh nmap ffuf lynis sslscan; node is one with node:sqlite
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 30 -subj /CN=planted.test 2>/dev/null
mkfifo "$work/stdin"
node "$here/planted-server.mjs" 8089 8449 "$work/key.pem" "$work/cert.pem" < "$work/stdin" & server=$!
exec 3> "$work/stdin"
sleep 2
printf 'admin\nbackup.sql\nboom\nitems\nnothing\n' > "$work/words"
tests=${1:-sqlmap wapiti ffuf nmap sslscan testssl lynis}
for tool in $tests; do
  echo "== $tool $(date -u +%T)"
  case $tool in
    sqlmap)
      timeout 120 sqlmap -u 'http://127.0.0.1:8089/items?id=1&note=x' --batch --level 1 --risk 1 --technique BE --disable-coloring --output-dir="$work/sqlmap" > "$here/sqlmap-stdout.txt" 2>&1
      (cat "$work/sqlmap/127.0.0.1/target.txt"; echo; cat "$work/sqlmap/127.0.0.1/log") > "$here/sqlmap-log.txt"
      timeout 120 sqlmap -u 'http://127.0.0.1:8089/boom?id=1' --batch --technique B --disable-coloring --ignore-code '*' --output-dir="$work/sqlmap-none" > "$here/sqlmap-none.txt" 2>&1
      timeout 60 sqlmap -u 'http://127.0.0.1:8099/items?id=1' --batch --disable-coloring --timeout 3 --retries 0 --output-dir="$work/sqlmap-dead" > "$here/sqlmap-unreached.txt" 2>&1 ;;
    wapiti) timeout 240 wapiti -u http://127.0.0.1:8089/ --flush-session -m sql,xss,http_headers,csp -f json -o "$here/wapiti.json" --no-bugreport > "$work/wapiti.log" 2>&1 || tail -3 "$work/wapiti.log" ;;
    ffuf) timeout 60 ffuf -w "$work/words" -u http://127.0.0.1:8089/FUZZ -mc all -fc 404 -of json -o "$here/ffuf.json" > /dev/null 2>&1 ;;
    nmap) timeout 120 nmap -Pn -sV --version-light -p 8089,8449,8450 --script http-title,ssl-cert -oX "$here/nmap.xml" 127.0.0.1 > /dev/null 2>&1 ;;
    sslscan) timeout 60 sslscan --xml="$here/sslscan.xml" 127.0.0.1:8449 > /dev/null 2>&1
      timeout 60 sslscan --xml="$here/sslscan-unreached.xml" 127.0.0.1:8450 > /dev/null 2>&1 ;;
    testssl) rm -f "$here/testssl.json" "$here/testssl-pretty.json"
      TERM=xterm timeout 240 testssl --quiet --color 0 --fast -p -S -h --jsonfile "$here/testssl.json" 127.0.0.1:8449 > "$work/testssl.log" 2>&1 < /dev/null || tail -3 "$work/testssl.log"
      TERM=xterm timeout 240 testssl --quiet --color 0 --fast -p -S --jsonfile-pretty "$here/testssl-pretty.json" 127.0.0.1:8449 > /dev/null 2>&1 < /dev/null ;;
    lynis) (cd "$work" && timeout 200 lynis audit system --quick --quiet --no-colors --tests-from-group ssh,file_permissions,kernel_hardening --report-file "$work/lynis.dat" --logfile "$work/lynis.log" > /dev/null 2>&1)
      cp "$work/lynis.dat" "$here/lynis-report.dat" ;;
  esac
done
exec 3>&-
wait "$server" 2>/dev/null
rm -r "$work"
