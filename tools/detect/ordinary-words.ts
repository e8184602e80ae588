/** Ordinary words that begin sentences and headings, beside the lists of Faker: no names, though some look like them. */
export const ENGLISH_WORDS = `
the a an this that these those it its he she they we you i me my your his her their our us them who whom whose which what when where why how
is are was were be been being am do does did done have has had having will would shall should can could may might must
and or but nor so yet for of in on at by to from with without about into over under after before during between among through against until since because although while if unless than then as
not no yes please thanks thank hello hi hey dear sir madam mr mrs ms miss dr regards sincerely best kind welcome sorry
new old good bad first last next previous main other same own any all some many much more most few several each every both either neither one two three four five six seven eight nine ten
today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december spring summer autumn winter
order orders invoice invoices customer customers account accounts payment payments number numbers code codes date time name names address email phone mail web site page link file files list item items product products price total tax fee refund shipping delivery return returns
user users admin login password error warning info debug request response server client service services system database table query update delete insert select create read write open close start stop send receive call support help desk ticket tickets issue issues bug feature release version build test tests status active inactive pending
company office department team manager sales marketing finance legal human resources engineering operations research development
street road avenue lane drive court place square boulevard highway park river lake hill mountain bridge station airport hotel school university college hospital church bank museum theatre restaurant bar cafe shop store market mall
house home room kitchen garden door window car bus train plane ship boat bike
book books music movie film song album game art science history story report article news press
water coffee tea bread cheese wine beer chocolate sugar salt oil rice fish meat chicken fruit apple orange
due tan olive ivory violet purple pink orange lavender lime maroon turquoise teal cyan magenta azure salmon orchid plum indigo mint red blue green black white yellow brown grey gray gold silver
north south east west northern southern eastern western central upper lower
country city town village state county world europe asia africa america international national local public private general special
management analysis design quality control security policy privacy terms conditions agreement contract notice subject reference details description summary introduction chapter section appendix
just really very even still only also always never often sometimes usually maybe perhaps almost already again here there everywhere together away back soon later early late now
get gets got getting go goes went going gone come comes came coming make makes made making take takes took taken taking give gives gave given giving say says said saying tell tells told see sees saw seen seeing know knows knew known think thinks thought want wants wanted need needs needed like likes liked love loves loved try tries tried use uses used using find finds found keep kept let put set show shows showed shown ask asked asking answer answered work works worked working play played playing pay paid buy bought sell sold send sent receive received write wrote written writing read speak spoke spoken hear heard feel felt leave left meet met bring brought build built hold held stand stood lose lost win won eat drink sleep walk run sit move moved live lives lived living learn learned change changed follow followed begin began begun end ended wait waited watch watched turn turned block blocked cancel cancelled post posted share shared join joined listed invited returned excuse person people man woman child children friend friends family thing things way ways place places part parts side problem question answer reason idea word words life day days night week weeks month months year years hour minute second morning evening age kind sort lot bit
big small great little long short high low young large important different possible free full easy hard true real sure ready happy sad sick nice fine hot cold warm dry wet clean dirty fast slow strong weak rich poor cheap expensive safe open closed busy quiet loud
please don't can't won't isn't it's i'm you're they're that's what's there's let's i've i'd who's
don doesn didn isn aren wasn weren won ll ve re
`;

const OTHERS = `
er die das ein eine einer eines dem den des und oder aber nicht kein keine ist sind war waren wird werden hat haben hatte kann muss soll mit ohne für von zu im am um bei nach vor über unter durch gegen bis seit weil wenn als wie was wer wo wann warum
ich du er sie es wir ihr mein dein sein unser euer bitte danke hallo guten tag liebe sehr geehrte geehrter herr frau freundliche freundlichen grüße mit
straße weg platz allee gasse haus kunde kunden bestellung rechnung lieferung konto nummer datum zeit name adresse telefon preis artikel menge summe betrag firma abteilung büro vertrag angebot anfrage termin woche monat jahr tag stadt land bank schule
lundi mardi mercredi jeudi vendredi samedi dimanche le la les un une des du de et ou mais non ne pas est sont était être avoir avec sans pour dans sur sous par entre vers chez depuis parce quand comment pourquoi où qui que quoi
je tu il elle nous vous ils elles mon ton son notre votre leur bonjour merci madame monsieur cher chère cordialement
rue avenue place commande facture livraison compte numéro date heure nom prénom adresse téléphone prix quantité montant société ville pays client
lunes martes miércoles jueves viernes sábado domingo el los las uno una unos unas y o pero no es son era ser estar tener con sin para por en sobre bajo entre hasta desde porque cuando cómo dónde quién qué
yo tú él ella nosotros ustedes ellos mi tu su nuestro hola gracias señor señora estimado estimada saludos atentamente
calle avenida plaza pedido factura envío cuenta número fecha hora nombre apellido dirección teléfono precio cantidad importe empresa ciudad país cliente
il lo gli i di del della che con per non è sono via piazza ordine fattura cliente indirizzo het een van en niet zijn straat bestelling klant
`;

/** All of them; given and family names that are spelt the same are not held for names, but for these. */
export const ORDINARY_WORDS = `${ENGLISH_WORDS} ${OTHERS}`;
export const ALSO_NAMES = new Set('will may april june august summer autumn hill lake church brown green white black gray grey silver gold best young rich love park lane house art page cash long low rice english'.split(' ')); // prettier-ignore
