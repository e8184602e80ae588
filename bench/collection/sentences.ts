/**
 * Sentences to measure detection with; those it was trained on (tools/detect/sentences.ts) are others. In braces what is
 * filled in: of the types measured, or something that is none.
 */
export const MEASURED_SENTENCES: Readonly<Record<'en' | 'de' | 'fr' | 'es', string>> = {
  en: `
Could {person} please give me a ring on {phone} before noon?
I've changed banks, my new account is {iban}.
The charge on {card} was made twice this week.
Reset mail went to {email} but I never got it.
We saw a login from {ip} that was not mine.
For the tax form you need my social, {ssn}.
Moved last month: {person}, {address}.
{person} and {person} run the shop in {place} together.
Ticket raised by {person} ({email}), ring back on {phone}.
The driver, {person}, left the van outside {organisation}.
Our new head of research is {person}, who comes from {organisation}.
Nobody at {organisation} picked up.
The bill for {thing} is still open since {day}.
Our {thing} broke after two days, order {number}.
It rained in {place} when we got there.
Nothing in the log except code {number} at {time}.
Invoice {number} of {day} over {amount} is due.
Forwarded by {person} on {day}: please use {card} for the deposit.
My husband {person} has passed away, please close the account {iban}.
Next of kin: {person}, {phone}
Speak with {person} if the {thing} is late again.
Interview notes, {day}: {person} has ten years at {organisation}.
Both servers, {ip} and {ip}, went down.
Is {email} still your address, {person}?
How long does a parcel to {place} take?
Part {number}-{number} does not fit the {thing}.
Release {version} fixes the crash in {thing}.
{person} paid {amount} with {card} on {day}.
We close early on {day}.
Thanks again, {person}
`,
  de: `
Guten Tag, hier spricht {person}, bitte um Rückruf unter {phone}.
Meine neue Bankverbindung lautet {iban}.
Die Karte {card} wurde zweimal belastet.
Schicken Sie alles an {email}, nicht an die alte Adresse.
Zugriff von {ip} am {day} um {time}.
{person} ist umgezogen: {address}.
Unsere Buchhalterin {person} ist bis Montag im Urlaub.
Die Rechnung {number} über {amount} ist offen.
Wir waren am {day} in {place} und haben den Stand aufgebaut.
Der Lieferant {organisation} meldet Verzug bei den Teilen.
Der Schlüssel liegt bei {person} im Büro.
`,
  fr: `
Ici {person}, rappelez-moi au {phone} s'il vous plaît.
Mon nouvel IBAN est {iban}.
Le paiement avec la carte {card} a échoué.
Envoyez tout à {email} avant vendredi.
Connexion depuis {ip} le {day} à {time}.
{person} a déménagé : {address}.
La facture {number} de {amount} reste à payer.
Notre comptable {person} est absente cette semaine.
Le fournisseur {organisation} est en retard à {place}.
`,
  es: `
Soy {person}, llámenme al {phone} por favor.
Mi nueva cuenta es {iban}.
El pago con la tarjeta {card} no funcionó.
Mande todo a {email} antes del viernes.
Acceso desde {ip} el {day} a las {time}.
{person} se ha mudado: {address}.
La factura {number} de {amount} está pendiente.
Nuestra contable {person} está de vacaciones.
El proveedor {organisation} tiene un retraso en {place}.
`,
};

/** Written last, after the detectors were done; what was changed after measuring with them stands in text.ts. */
export const HELD_OUT_SENTENCES: typeof MEASURED_SENTENCES = {
  en: `
Please note that {person} will be out of the office, {person} covers for the week.
Caller left a number ({phone}) and asked about the refund to {iban}.
The card ending was read out in full: {card}. Please delete the recording.
Complaint from {person}, {address}: the courier never rang.
Traffic from {ip} hit the login page 400 times, block it.
Applicant's social security number is {ssn}, name {person}.
{email} bounced, try {email} instead
Minutes: {person} opened the meeting, {organisation} presented {thing}.
fyi the {thing} from {organisation} arrives in {place} on {day}
Batch {number} failed after {number} rows at {time}, rerun with {version}.
Total of {amount} was booked on {day} for {thing}.
When {person} was in {place}, the {noun} was {adjective}.
{person}: can you make it at {time}?
Spoke to the landlord, Mr {person}, his mobile is {phone}.
`,
  de: `
Der Mieter {person} ist unter {phone} erreichbar, {address}.
Bitte buchen Sie {amount} von {iban} ab.
Anmeldung von {ip} um {time}, Konto {email}.
Im Protokoll vom {day} steht nichts zu {thing}.
{person} und {person} haben unterschrieben.
`,
  fr: `
Le locataire {person} est joignable au {phone}, {address}.
Merci de prélever {amount} sur {iban}.
Connexion de {ip} à {time}, compte {email}.
Rien sur {thing} dans le compte rendu du {day}.
`,
  es: `
El inquilino {person} está en el {phone}, {address}.
Por favor carguen {amount} en {iban}.
Conexión de {ip} a las {time}, cuenta {email}.
Nada sobre {thing} en el acta del {day}.
`,
};

/** Texts that hold nothing personal: what is found in them is too much. */
export const BENIGN_CELLS: readonly string[] = [
  '{thing}',
  '{number}',
  '{amount}',
  '{day}',
  '{time}',
  '{version}',
  '{day} {time}',
  'SKU-{number}',
  'INV-{number}-{number}',
  'in stock',
  '{adjective} {noun}',
  '{noun}',
  'The {noun} is {adjective}.',
  '{thing}, {adjective}',
  '{hash}',
  '{uuid}',
  '{currency}',
  '{mime}',
  '{colour}',
  '{sentence}',
];
