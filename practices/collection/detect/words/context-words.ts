/** Words that say what stands beside them, by language. They are evidence near a candidate, never a finding. */

/** Bits of the context table. */
export const CONTEXT = {
  phone: 1,
  card: 1 << 1,
  iban: 1 << 2,
  national: 1 << 3,
  passport: 1 << 4,
  birth: 1 << 5,
  plate: 1 << 6,
  geo: 1 << 7,
  device: 1 << 8,
  secret: 1 << 9,
  username: 1 << 10,
  address: 1 << 11,
  person: 1 << 12,
  ip: 1 << 13,
  month: 1 << 14,
  social: 1 << 15,
  /** Speaks against personal numbers: orders, versions, amounts. */
  thing: 1 << 16,
} as const;
export type ContextName = keyof typeof CONTEXT;

type Pack = Readonly<Partial<Record<ContextName, string>>>;

/** In small letters, accents kept for the reader: the table folds them. */
export const CONTEXT_PACKS: Readonly<Record<'en' | 'de' | 'fr' | 'es' | 'other', Pack>> = {
  en: {
    phone: 'phone telephone tel mobile cell cellphone fax call calling called callback dial ring sms text whatsapp hotline landline reach contact voicemail ph extension',
    card: 'card cards credit debit visa mastercard amex maestro discover cc pan payment charge charged paid pay deposit cvv diners jcb unionpay',
    iban: 'iban account bank transfer',
    national: 'ssn social security sin insurance nino nhs ppsn national identity identification citizen taxpayer tax tin itin personal id',
    passport: 'passport passports mrz',
    birth: 'birth born birthday birthdate dob bday birthplace',
    plate: 'plate plates licence license registration vehicle car vrm reg',
    geo: 'latitude longitude lat lon lng gps coordinates location position geo located',
    device: 'imei imeisv device handset idfa gaid aaid adid advertising idfv meid serial udid',
    secret: 'password passwd pwd passphrase passcode secret token apikey api_key key credential credentials auth bearer pin authorization',
    username: 'username user login handle nickname nick screenname userid',
    address: 'address street lives living resides residing residence ship shipping billing mailing deliver delivery postal zip zipcode postcode apartment apt suite moved located home',
    person: 'mr mrs ms miss dr prof sir madam dear name named contact customer client patient employee attn regards sincerely signed hi hello colleague mister',
    ip: 'ip ipv4 ipv6 host server client remote address addr source src dst',
    month: 'january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec',
    social: 'twitter instagram telegram tiktok follow github mastodon dm snapchat discord tag',
    thing: 'order invoice version release build amount price total qty quantity isbn sku tracking parcel ticket page chapter article item product serial part transaction reference ref port',
  },
  de: {
    phone: 'telefon telefonnummer handy handynummer mobil mobilnummer rufnummer anrufen rufen ruf rückruf zurückrufen erreichen fax durchwahl festnetz',
    card: 'karte kreditkarte kartennummer ec-karte girokarte kreditkartennummer',
    iban: 'konto kontonummer bankverbindung überweisung',
    national: 'steuer-id steueridentifikationsnummer steuernummer identifikationsnummer idnr sozialversicherungsnummer versicherungsnummer ausweis personalausweis ahv svnr steuer',
    passport: 'reisepass pass passnummer reisepassnummer',
    birth: 'geboren geburtsdatum geburtstag geb geburt',
    plate: 'kennzeichen nummernschild autokennzeichen fahrzeug',
    geo: 'breitengrad längengrad breite länge koordinaten standort',
    device: 'gerät gerätenummer',
    secret: 'passwort kennwort geheimnis schlüssel zugangsdaten geheim',
    username: 'benutzername benutzer anmeldename nutzername kennung',
    address: 'adresse anschrift wohnt wohnhaft straße strasse postleitzahl plz wohnort lieferadresse rechnungsadresse hausnummer',
    person: 'herr herrn frau name vorname nachname kunde kundin patient patientin sehr geehrte geehrter liebe lieber familie grüße gruß',
    month: 'januar februar märz mai juni juli oktober dezember jänner',
    thing: 'bestellung rechnung auftrag betrag summe preis menge artikel seite sendung vorgang',
  },
  fr: {
    phone: 'téléphone tél portable appeler appelez rappeler rappelez appel joindre fixe télécopie',
    card: 'carte bancaire crédit paiement',
    iban: 'compte rib virement banque',
    national: 'sécurité sociale nir insee identité nationale fiscal assuré',
    passport: 'passeport',
    birth: 'né née naissance anniversaire',
    plate: 'immatriculation plaque véhicule immatriculé',
    geo: 'coordonnées',
    secret: 'mot passe secret clé motdepasse jeton',
    username: 'identifiant utilisateur pseudo pseudonyme',
    address: 'adresse rue habite domicilié domicile code résidence livraison',
    person: 'monsieur madame mademoiselle mme mlle nom prénom cher chère client cliente bonjour cordialement',
    month: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
    thing: 'commande facture montant prix quantité référence',
  },
  es: {
    phone: 'teléfono móvil celular llamar llámame llámenme llámeme llame llamada fijo',
    card: 'tarjeta crédito débito pago',
    iban: 'cuenta banco transferencia',
    national: 'dni nie nif documento identidad seguridad curp rut cuil cuit cédula',
    passport: 'pasaporte',
    birth: 'nacido nacida nacimiento nació cumpleaños',
    plate: 'matrícula placa patente vehículo',
    geo: 'latitud longitud coordenadas ubicación',
    secret: 'contraseña clave secreto',
    username: 'usuario',
    address: 'dirección calle domicilio vive reside código avenida envío',
    person: 'señor señora sr sra srta don doña nombre apellido apellidos cliente estimado estimada querido hola',
    month: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
    thing: 'pedido factura importe precio cantidad referencia',
  },
  other: {
    phone: 'telefono cellulare telefoon telefone telefonnummer telefonnr puhelin mobiel gsm mobilnummer телефон 電話 电话',
    card: 'carta kaart cartão kort karta',
    iban: 'conto rekening rekeningnummer conta konto',
    national: 'codice fiscale bsn burgerservicenummer rijksregisternummer personnummer fødselsnummer cpr henkilötunnus pesel cnp egn oib isikukood amka aadhaar pan cpf nif contribuinte tckn kimlik nric hkid rrn tfn ird nino egn rodné číslo',
    passport: 'passaporto paspoort passaporte pas paszport',
    birth: 'nato nata nascita geboren geboortedatum nascimento nascido född født syntynyt urodzony urodzenia',
    plate: 'targa kenteken matrícula registreringsnummer rejestracyjny',
    secret: 'parola wachtwoord senha lösenord salasana hasło',
    username: 'utente gebruikersnaam usuário användarnamn brukernavn',
    address: 'indirizzo via adres straat endereço rua adress osoite',
    person: 'signor signora sig mevrouw meneer dhr mevr senhor senhora herr fru pan pani nome cognome naam',
    month: 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre dicembre januari februari maart mei juni juli augustus oktober december janeiro fevereiro março maio junho julho setembro outubro novembro dezembro',
    thing: 'ordine fattura bestelling factuur',
  },
}; // prettier-ignore

/** Every context word with its bits; one that stands for several things has several. */
export function* contextWords(): Generator<readonly [word: string, bits: number]> {
  for (const pack of Object.values(CONTEXT_PACKS))
    for (const [name, words] of Object.entries(pack))
      for (const word of words.split(' ')) if (!word.includes('-')) yield [word, CONTEXT[name as ContextName]];
}

const MONTHS = [
  'jan january januar jänner janvier enero gennaio januari janeiro',
  'feb february februar février febrero febbraio februari fevereiro',
  'mar march märz mars marzo maart março',
  'apr april avril abril aprile',
  'may mai mayo maggio mei maio',
  'jun june juni juin junio giugno junho',
  'jul july juli juillet julio luglio julho',
  'aug august août agosto augustus',
  'sep sept september septembre septiembre settembre setembro',
  'oct october oktober octobre octubre ottobre outubro',
  'nov november novembre noviembre novembro',
  'dec december dezember décembre diciembre dicembre dezembro',
] as const;

/** Names of months with their number. */
export function* monthNumbers(): Generator<readonly [word: string, month: number]> {
  for (const [at, names] of MONTHS.entries()) {
    const seen = new Set(names.normalize('NFD').replaceAll(/\p{M}/gu, '').split(' '));
    for (const name of seen) yield [name, at + 1];
  }
}
