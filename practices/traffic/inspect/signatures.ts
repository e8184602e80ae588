/**
 * What attacks look like, in RE2's syntax (linear time, whatever the text). Written for an API whose values are data: where
 * a part stands decides which signatures look at it. Free text (`text`) is notes and messages, in which people quote SQL,
 * HTML and shell commands; only what harms whoever merely reads it is looked for there.
 */
export const PLACES = ['path', 'query', 'header', 'agent', 'text'] as const;
export type Place = (typeof PLACES)[number];

export type Signature = Readonly<{
  id: string;
  title: string;
  /** MITRE ATT&CK. */
  attack: string;
  on: readonly Place[];
  /** `sql` and `markup` are libinjection's; without libddwaf they are not looked for, only what the patterns say. */
  by: 'pattern' | 'phrases' | 'sql' | 'markup';
  pattern?: string;
  phrases?: readonly string[];
}>;

const ASKED: readonly Place[] = ['path', 'query', 'header', 'agent'];
const VALUES: readonly Place[] = ['path', 'query', 'header'];
const EVERYWHERE = PLACES;
const EXPLOIT = 'T1190';

const pattern = (id: string, title: string, on: readonly Place[], regex: string, attack = EXPLOIT): Signature => ({
  id,
  title,
  attack,
  on,
  by: 'pattern',
  pattern: regex,
});

const COMMANDS = 'wget|curl|whoami|uname|nc|ncat|netcat|telnet|bash|dash|zsh|ksh|python[23]?|perl|ruby|php|powershell|cmd(?:\\.exe)?|ping|nslookup|dig|getent|chmod|chown|rm|nohup|cat|ls|id|ifconfig|ipconfig|netstat|ps|kill|sh|sleep|echo|printf|env|set|type|dir|tac|head|tail|base64|xxd|touch|mkfifo|systeminfo'; // prettier-ignore

const SQL: readonly Signature[] = [
  { id: 'sql-shape', title: 'SQL injection, by its shape', attack: EXPLOIT, on: VALUES, by: 'sql' },
  pattern('sql-union', 'SQL: a second select', VALUES, String.raw`\bunion\b(?:\s|/\*[^*]{0,60}\*/|[+(!])+(?:(?:all|distinct)\b(?:\s|/\*[^*]{0,60}\*/|[+(!])*)?select\b`),
  pattern('sql-time', 'SQL: making it wait', VALUES, String.raw`\b(?:pg_sleep|benchmark|sleep|dbms_lock\.sleep|dbms_pipe\.receive_message)\s*\(\s*['"\d(]|\bwaitfor\s+(?:delay|time)\s*['"(]`),
  pattern('sql-stacked', 'SQL: a second statement', VALUES, String.raw`;\s*(?:/\*[^*]{0,60}\*/\s*)*(?:(?:drop|alter|truncate|create)\s+(?:table|database|schema|user|role|view|function|extension)\b|insert\s+into\b|delete\s+from\b|update\s+[\w."]{1,60}\s+set\b|exec(?:ute)?\s+(?:immediate\b|master|xp_|sp_|@|\(|['"])|declare\s+@|copy\s+[\w.("]{1,60}\s+(?:from|to)\b)`),
  pattern('sql-catalog', 'SQL: the database’s own tables and files', VALUES, String.raw`\b(?:information_schema\s*\.|pg_catalog\s*\.|pg_(?:shadow|read_file|ls_dir|user)\b|sqlite_(?:master|schema)\b|mysql\s*\.\s*user\b|sys\s*\.\s*(?:objects|tables|columns|databases)\b|xp_(?:cmdshell|dirtree|regread)\b|utl_(?:http|inaddr|file)\b|load_file\s*\(|into\s+(?:out|dump)file\b|extractvalue\s*\(|updatexml\s*\()`),
  pattern('sql-tautology', 'SQL: a condition that is always true', VALUES, String.raw`['"]\s*\)*\s*(?:or|and|\|\||&&|xor)\s*\(*\s*['"]?[\w.]{1,30}['"]?\s*(?:=|<>|!=|>|<|\blike\b|\bis\b)\s*\(*\s*['"]?[\w.]{1,30}|['"]\s*\)*\s*(?:or|and)\s+(?:not\s+)?(?:true|false|exists\s*\(|\d+\s*(?:--|#|/\*))`),
  pattern('sql-order', 'SQL: finding out columns, or hiding the rest', VALUES, String.raw`['")]\s*(?:order|group)\s+by\s+\d{1,3}\b|['"]\s*\)*\s*;?\s*(?:--[\s+-]|--$|#\s*$|/\*!?\d*)|\(\s*select\b.{1,200}\bfrom\b|\bselect[-~\\@+!(.\x60][^;]{0,40}from\b?\s*[\x60'"\w(]|[\r\n]\s*select\s[\w*,\s]{1,60}\sfrom\s\w`),
]; // prettier-ignore

const MARKUP: readonly Signature[] = [
  { id: 'markup-shape', title: 'script in markup, by its shape', attack: 'T1059.007', on: VALUES, by: 'markup' },
  pattern('markup-script', 'markup: an element that runs or loads', VALUES, String.raw`<\s*/?\s*(?:script|iframe|object|embed|applet|svg|math|meta|base|frameset|marquee|isindex|template)\b`, 'T1059.007'),
  pattern('markup-handler', 'markup: an event handler', VALUES, String.raw`(?:<[a-z!/?][^>]{0,300}|['"]\s*)[\s/"'+]on[a-z]{3,24}\s*=`, 'T1059.007'),
  pattern('markup-scheme', 'a script as an address', VALUES, String.raw`\b(?:javascript|vbscript|livescript)\s*:\s*(?:[a-z_.$]{1,60}[(\[=\x60]|//|/\*|%)|\bdata\s*:\s*(?:text/html|image/svg\+xml|application/x)`, 'T1059.007'),
  pattern('markup-dom', 'a script that reads the session', VALUES, String.raw`\bdocument\s*\.\s*(?:cookie|write|domain|location)|\bwindow\s*\[|\b(?:alert|confirm|prompt|eval)\s*(?:(?:\(|\x60)[^)]{0,80}[)\x60]|\)\s*\(|(?:\?\.|\.\s*(?:call|apply|bind)\s*)\()|\bdocument\s*(?:\?\.|\[)|\bstring\s*\.\s*fromcharcode\s*\(|\bexpression\s*\(`, 'T1059.007'),
]; // prettier-ignore

const FILES: readonly Signature[] = [
  pattern('path-up', 'a way up the folders', VALUES, String.raw`(?:^|[\\/=:])(?:\.{2,4}|\.\.;|%2e%2e|\.%2e|%2e\.|%c0%ae%c0%ae)(?:[\\/]|%2f|%5c|%c0%af|$)|^\\\\[\w.:-]{1,60}\\[a-z]\$`, 'T1083'),
  { id: 'path-files', title: 'files that attackers ask for', attack: 'T1083', on: VALUES, by: 'phrases', phrases: ['/etc/passwd', '/etc/shadow', '/etc/hosts', '/etc/group', '/etc/issue', '/proc/self/', '/proc/version', '/var/log/', 'boot.ini', 'win.ini', 'windows/system32', 'windows\\system32', '.ssh/id_', '.aws/credentials', '.bash_history', 'web-inf/', 'wp-config.php', '.htpasswd', '.htaccess', 'web.config'] },
  pattern('path-probe', 'paths that scanners try', ['path'], String.raw`/(?:wp-(?:login|admin|content|includes)\b|xmlrpc\.php|phpmyadmin|pma/|cgi-bin/|\.git(?:/|$)|\.svn/|\.hg/|\.env(?:\.|$)|\.ds_store|vendor/phpunit|actuator(?:/|$)|server-status|solr/admin|manager/html|boaform|hnap1|owa/auth|autodiscover|_ignition/|telescope/|debug/default|jenkins/|struts|console/login|[^/]{1,60}\.(?:php|asp|aspx|jsp|cgi|bak|sql|old|swp)(?:$|[/;]))`, 'T1595.003'),
  pattern('null-byte', 'a character that ends strings in C', EVERYWHERE, String.raw`\x00|%00|\\u0000|\\x00`),
  pattern('include-remote', 'PHP’s wrappers, remote files', VALUES, String.raw`\b(?:php://(?:filter|input|output|fd|memory|temp)|expect://|phar://|zip://|glob://|compress\.(?:zlib|bzip2)://|ogg://|ssh2\.)`),
]; // prettier-ignore

const COMMAND: readonly Signature[] = [
  pattern('shell-chain', 'a shell command behind another', ASKED, String.raw`(?:[;|\x60\n]|\|\||&&|\$\(|[<>]\()\s*(?:\\?['"]?(?:/(?:usr/(?:local/)?)?s?bin/)?)(?:${COMMANDS})\b(?:['"]?(?:\s|\+|\$\{?ifs|$|[;|&<>)\x60#{,]))`, 'T1059.004'),
  pattern('shell-background', 'a shell command behind another', ASKED, String.raw`&\s*(?:wget|curl|whoami|uname|ncat?|netcat|bash|powershell|cmd(?:\.exe)?|ping|nslookup|getent|ifconfig|ipconfig|netstat)\s+[-/\w.]`, 'T1059.004'),
  pattern('shell-tricks', 'how shell commands are hidden', ASKED, String.raw`\$\{?ifs\b|\$ifs\$|/dev/(?:tcp|udp)/|\bcmd(?:\.exe)?\s+/[ckr]\b|\bpowershell(?:\.exe)?\s+-|(?:^|[\s;|&"'=])/(?:usr/)?s?bin/[a-z]{2,12}\b|\{(?:cat|ls|wget|curl|echo|ping),|\bset\s+/a\s+\d|\b(?:ba|z|k|da)?sh\s+-[ci]\b|\bnc\s+-[elvnp]{1,6}\b|/\?\?\?/|certutil(?:\.exe)?\s+-|\b(?:cat|less|more|head|tail|nl|od|xxd|strings)[\s+]+/(?:etc|proc|var|home|root)\b|(?:^|[\s;|&+\x60])/(?:[a-z]{0,6}[?*][a-z?*]{0,8}/[a-z?*]{2,20}|(?:etc|bin|usr|proc)/[a-z]{0,10}(?:[?*]{1,4}|['"’\\]{1,2})[a-z]{1,10})|/(?:etc|bin|proc)\$\w`, 'T1059.004'),
  pattern('shell-shock', 'a function in a header', ASKED, String.raw`\(\s*\)\s*\{[^}]{0,40};?\s*\}\s*;|\(\)\s*\{\s*_;`),
  pattern('php-code', 'PHP code', VALUES, String.raw`<\?(?:php\b|=)|\b(?:system|exec|passthru|shell_exec|popen|proc_open|assert|eval|phpinfo|base64_decode|file_get_contents|call_user_func)\s*\(\s*(?:['"$)]|base64_decode|chr\(|gzinflate)|\$_(?:get|post|request|cookie|server|files)\b|\ballow_url_include\b|\bauto_prepend_file\b`),
  pattern('runtime-call', 'code of a runtime', VALUES, String.raw`\bjava\.lang\.(?:runtime|processbuilder|class)|\bgetruntime\s*\(|\bprocess\.(?:mainmodule|binding|env)\b|\brequire\s*\(\s*['"](?:child_process|fs|net|os)|__(?:class|mro|subclasses|globals|builtins|import)__|\bos\.(?:system|popen)\s*\(|\bsubprocess\.|\bkernel\.(?:exec|system)|\bognl\b|#(?:_memberaccess|context\[)|@java\.`),
]; // prettier-ignore

const STRUCTURE: readonly Signature[] = [
  pattern('server-side-request', 'a request to the inside', ['query', 'header'], String.raw`\b(?:https?|ftp|gopher|dict|ldaps?|tftp|sftp|jar:https?)://(?:[^/@\s]{0,100}@)?(?:127\.\d|localhost\b|0\.0\.0\.0|0x7f|0177\.|2130706433|\[?::1?\]?(?:[:/]|$)|\[::ffff:|169\.254\.|metadata\.google|100\.100\.100\.200|192\.0\.0\.192|instance-data\b|kubernetes\.default)`, 'T1552.005'),
  pattern('scheme', 'an address that is no web address', ['query', 'header'], String.raw`(?:^|[\s="'(,])(?:gopher|dict|file|netdoc|jar|ldapi|tftp)://?`, 'T1552.005'),
  pattern('template', 'a template that computes', ASKED, String.raw`(?:\{\{|\$\{|#\{|<%=?|\{%|\*\{|@\{|~\{|\[\[)[^}%]{0,80}(?:\d+\s*[*+/-]\s*['"]?\d+|\bself\b|\bconfig\b|\brequest\b|\bsettings\b|\blipsum\b|\bcycler\b|\bjoiner\b|\bnamespace\b|t\(\s*java|\bnew\s+java|constructor|system\s*\(|exec|\|\s*(?:attr|safe|format|filter)|\.class\b|\bsessionscope\b|import\s|\bfreemarker\b|\bset\b)|<#assign\b|\$class\.|\$\!?[a-z]{1,20}\.getclass`),
  pattern('lookup', 'Log4j’s lookups', EVERYWHERE, String.raw`\$\{\s*(?:jndi|ctx|lower|upper|env|sys|java|date|main|marker|bundle|base64)\s*:|\$\{\s*\$\{|\$\{[^{}]{0,40}\$\{[^{}]{0,40}:|\$\{::-|\bjndi\s*:\s*(?:ldaps?|rmi|dns|iiop|nis|corba|http)\b`),
  pattern('document-query', 'operators of document stores', VALUES, String.raw`(?:^|[\[{"'\s,(.])\$(?:ne|eq|gt|gte|lt|lte|in|nin|where|regex|exists|or|nor|and|not|expr|elemmatch|function|accumulator|type|all|mod|text|options|slice|comment|rand)\b["'\]]?\s*(?:[:=\]]|$)`),
  pattern('document-code', 'JavaScript in a query of a document store', VALUES, String.raw`\bthis\s*\.\s*[a-z_]{1,40}\s*(?:===?|!==?|\.match)|['"]\s*;?\s*(?:return|while|var)\b.{0,60}(?:;|\}|//)|\bfunction\s*\(\s*\w{0,20}\s*\)\s*\{|\bnew\s+date\s*\(\s*\)\s*;|['"]\s*(?:\|\||&&)\s*['"]?\w{1,20}['"]?\s*(?:==|\+)|\bdb\.[a-z_]{1,40}\.(?:find|insert|drop|remove)`),
  pattern('directory-query', 'filters of LDAP', VALUES, String.raw`\*\s*\)\s*\(|\)\s*\(\s*[|&!]|\(\s*[|&!]\s*\(|\)\s*\(\s*[a-z]{1,30}\s*[~<>]?=|^\s*\*\s*\)|[a-z]\*\)\)%00|\bobjectclass\s*=`),
  pattern('xml-entity', 'XML that reads or asks elsewhere', VALUES, String.raw`<!\s*(?:doctype|entity)\b|<\?xml-stylesheet\b|<xi:include\b|\bxmlns:xi\s*=|<!\[cdata\[\s*<|<xsl:|<!--\s*\?xml`),
  pattern('server-include', 'server-side includes', VALUES, String.raw`<!--\s*#\s*(?:exec|include|echo|printenv|config|set|fsize|flastmod|if)\b|<esi:`),
  pattern('line-break', 'a header behind a line break', VALUES, String.raw`(?:[\r\n]|%0[da]|\\r\\n|嘊|嘍|%e5%98%8[ad])\s*(?:set-cookie|location|content-(?:type|length|disposition)|transfer-encoding|host|x-[a-z-]{2,30}|http/\d|bcc|cc|to|from|subject|rcpt\s+to|mail\s+from|data\b|quit\b|capability\b|fetch\b)\s*[:/.<\s]|[\r\n]+\s*\w{1,8}\s+(?:capability|fetch|select|login|rcpt|data)\b`),
  pattern('prototype', 'a property that every object has', VALUES, String.raw`__proto__|\bconstructor\s*(?:\[|\.|%5b)\s*['"]?prototype|\b__(?:define|lookup)[gs]etter__`),
]; // prettier-ignore

const SERIAL: readonly Signature[] = [
  pattern('serial-php', 'an object of PHP', EVERYWHERE, String.raw`(?:^|[;{:"'=\s|])[oc]:\+?\d{1,6}:"[\\\w]{1,100}":\d{1,6}:[{\w]`),
  pattern('serial-java', 'an object of Java', EVERYWHERE, String.raw`\xac\xed\x00\x05|(?:^|[^a-z0-9+/_-])rO0AB[QXa-z0-9+/]|\baced0005(?:7[0-9a-f]|[0-9a-f]{2})`),
  pattern('serial-node', 'a function in an object of Node', EVERYWHERE, String.raw`_\$\$nd_func\$\$_`),
  pattern('serial-others', 'objects of .NET, Python and Ruby', EVERYWHERE, String.raw`(?:^|[^a-z0-9+/_-])aaeaaad/////|!!python/(?:object|name|module)|!!javax?\.[a-z]|!ruby/(?:object|hash):|\bcos\nsystem\n|"\$type"\s*:\s*"system\.|\bobjectdataprovider\b`),
]; // prettier-ignore

const TOOLS: readonly Signature[] = [
  { id: 'scanner', title: 'a scanner that says its name', attack: 'T1595.002', on: ['agent'], by: 'phrases', phrases: ['sqlmap', 'nikto', 'nmap scripting engine', 'masscan', 'zgrab', 'nuclei', 'acunetix', 'netsparker', 'invicti', 'wpscan', 'dirbuster', 'gobuster', 'feroxbuster', 'fuzz faster u fool', 'arachni', 'w3af', 'havij', 'openvas', 'nessus', 'jaeles', 'whatweb', 'wfuzz', 'fimap', 'commix', 'zmeu', 'morfeus', 'joomscan', 'skipfish', 'owasp zap', 'dirsearch', 'xsstrike', 'interactsh', 'burpcollaborator', 'qualys', 'absinthe', 'jbrofuzz', 'libwhisker', 'hydra', 'metasploit', 'sqlninja', 'vega/'] },
  pattern('probe-answer', 'an address that tells the attacker of a success', ASKED, String.raw`\.(?:burpcollaborator\.net|oastify\.com|oast\.(?:pro|live|site|online|fun|me)|interact\.sh|dnslog\.cn|ceye\.io|requestbin\.|canarytokens\.com)\b`),
]; // prettier-ignore

export const SIGNATURES: readonly Signature[] = [...SQL, ...MARKUP, ...FILES, ...COMMAND, ...STRUCTURE, ...SERIAL, ...TOOLS]; // prettier-ignore
