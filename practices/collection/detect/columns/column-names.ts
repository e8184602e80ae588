/**
 * What a column's name says: split at capitals, digits and signs, then compared with synonyms in many languages.
 *
 * A synonym is one word, or several that must all be there: `last` alone says nothing (`last_update`), `last name` does.
 */
import type { DetectedType, Reason } from '../finding.ts';

export type NameClue = Readonly<{ type: DetectedType; detail: string | null; reason: Reason }>;

/** Log-odds of a name that says it outright, and of one that may mean something else. */
const PLAIN = 5;
const VAGUE = 2.6;

type Synonyms = readonly [type: DetectedType, detail: string | null, strength: number, words: string];

/** Alternatives by comma, words that must all be there joined by +. Accents are folded. The first that fits counts. */
const SYNONYMS: readonly Synonyms[] = [
  ['email', null, PLAIN, 'email, emails, e+mail, mail+address, mailaddress, emailaddress, emailadresse, courriel, correo, mel, epost, sahkoposti, eposta, emailid, posta+elettronica, indirizzo+email, endereco+email, emailadres, sposti, posta'],
  ['email', null, VAGUE, 'mail, contact+mail'],
  ['device-id', null, PLAIN, 'imei, imsi, meid, idfa, idfv, gaid, aaid, adid, advertising+id, device+id, deviceid, device+serial, udid, device+token, device+fingerprint, geraete+id'],
  ['mac-address', null, PLAIN, 'mac+address, macaddress, mac+addr, hwaddr, hardware+address'],
  ['mac-address', null, VAGUE, 'mac'],
  ['ip-address', null, PLAIN, 'ip, ipv4, ipv6, ip+address, ipaddress, ip+addr, ipaddr, remote+addr, client+ip, clientip, remote+ip, direccion+ip, adresse+ip'],
  ['payment-card', null, PLAIN, 'card+number, cardnumber, cardno, card+no, card+num, cc+number, ccnumber, cc+num, creditcard, credit+card, creditcardnumber, pan+number, primary+account+number, kreditkarte, kreditkartennummer, carte+bancaire, numero+carte, tarjeta, numero+tarjeta, carta+credito, kaartnummer, cartao'],
  ['payment-card', 'security code', PLAIN, 'cvv, cvc, cvv2, card+security+code'],
  ['iban', null, PLAIN, 'iban, bank+account, account+iban, bankaccount, bankkonto, kontonummer, cuenta+bancaria, compte+bancaire, rekeningnummer, conto+corrente, account+number, bank+account+number'],
  ['passport', null, PLAIN, 'passport, passport+number, passportnumber, passport+no, passnummer, reisepass, reisepassnummer, passeport, pasaporte, passaporto, paspoort, passaporte'],
  ['national-id', null, PLAIN, 'ssn, social+security, socialsecurity, socialsecuritynumber, national+id, nationalid, national+insurance, nino, nhs+number, tax+id, taxid, tax+number, taxpayer+id, tin, itin, identity+number, id+number, idcard, id+card, citizen+id, dni, nie, nif, nir, numero+securite+sociale, securite+sociale, steuer+id, steuerid, steuernummer, steueridentifikationsnummer, sozialversicherungsnummer, ausweisnummer, personalausweis, codice+fiscale, codicefiscale, bsn, burgerservicenummer, rijksregisternummer, personnummer, fodselsnummer, cpr, henkilotunnus, hetu, pesel, rodne+cislo, cnp, egn, oib, isikukood, amka, ahv, avs, svnr, aadhaar, cpf, rut, cuil, cuit, curp, rfc, tckn, tc+kimlik, nric, hkid, rrn, sin+number, tfn, my+number, driver+license, drivers+license, driving+licence, license+number, fuehrerschein'],
  ['vehicle-plate', null, PLAIN, 'license+plate, licence+plate, licenseplate, number+plate, plate+number, plate, numberplate, vrm, registration+plate, kennzeichen, nummernschild, immatriculation, matricula, targa, kenteken'],
  ['birth-date', null, PLAIN, 'birth+date, birthdate, date+birth, dateofbirth, dob, birthday, birth+day, birth+dt, born, born+on, birth, geburtsdatum, geburtstag, geb+datum, gebdat, date+naissance, datenaissance, naissance, fecha+nacimiento, fechanacimiento, nacimiento, data+nascita, nascita, datanascita, geboortedatum, data+nascimento, nascimento, fodselsdato, fodelsedatum, syntymaaika, data+urodzenia, birth+year, year+birth, yob'],
  ['geo-position', null, PLAIN, 'latitude, longitude, lat+lng, latlng, lat+lon, lng, geolocation, geo+location, gps, coordinates, geopoint, geo+point, breitengrad, laengengrad, latitud, longitud, latitudine, longitudine, home+location, last+location'],
  ['geo-position', null, VAGUE, 'lat, lon, long, geo, geom, location+point'],
  ['username', null, PLAIN, 'username, user+name, userid+name, login, loginname, login+name, screen+name, screenname, nickname, nick, handle, benutzername, nom+utilisateur, usuario, nombre+usuario, nome+utente, gebruikersnaam, twitter, instagram, skype, github+user, telegram'],
  ['credential', null, PLAIN, 'password, passwd, pwd, pass+hash, password+hash, passwordhash, passphrase, passcode, secret, secret+key, api+key, apikey, api+secret, access+token, accesstoken, refresh+token, auth+token, authtoken, private+key, privatekey, client+secret, session+token, token+secret, totp+secret, otp+secret, recovery+code, passwort, kennwort, mot+passe, motdepasse, contrasena, senha, wachtwoord, losenord, security+answer'],
  ['credential', null, VAGUE, 'token, pin, salt, pass, hash'],
  ['phone', null, PLAIN, 'phone, phones, phone+number, phonenumber, telephone, tel, telefon, telefonnummer, telefono, telefone, telefoon, mobile, mobile+number, mobilephone, cell, cellphone, cell+phone, handy, handynummer, portable, movil, celular, cellulare, mobil, mobiel, mobilnummer, fax, fax+number, faxnumber, telefax, msisdn, whatsapp, homephone, home+phone, workphone, rufnummer, puhelin, gsm, telnr, phoneno, contact+number'],
  ['person-name', null, PLAIN, 'first+name, firstname, fname, given+name, givenname, forename, middle+name, middlename, middle+initial, last+name, lastname, lname, surname, family+name, familyname, maiden+name, full+name, fullname, display+name, displayname, contact+name, contactname, customer+name, customername, person+name, employee+name, staff+name, patient+name, client+name, member+name, user+full+name, recipient+name, cardholder, cardholder+name, account+holder, holder+name, owner+name, legal+name, birth+name, vorname, nachname, familienname, geburtsname, ansprechpartner, kundenname, prenom, nom+famille, nom+client, nom+complet, apellido, apellidos, nombre+completo, primer+nombre, nombre+cliente, cognome, nome+completo, sobrenome, voornaam, achternaam, fornavn, etternavn, efternamn, fornamn, etunimi, sukunimi, imie, nazwisko, jmeno, prijmeni, emergency+contact, next+of+kin, spouse+name, mother+name, father+name, ship+name, signatory, beneficiary+name, author+name'],
  ['person-name', null, VAGUE, 'contact, nombre, nom, nome, naam, navn, namn, nimi, ansprechperson, attention, attn, spouse, assignee, recipient, sender, author, owner, customer, holder, beneficiary, signed+by'],
  ['postal-address', 'street', PLAIN, 'address, addresses, addr, address1, address2, addressline, street, street+address, streetaddress, streetname, street+name, house+number, housenumber, strasse, hausnummer, anschrift, adresse, rue, direccion, calle, domicilio, indirizzo, endereco, rua, adres, straat, huisnummer, adress, gata, osoite, ulica, billing+address, shipping+address, home+address, residence, suite, apartment, lieferadresse, rechnungsadresse, direction+postale'],
  ['postal-address', 'postcode', PLAIN, 'zip, zipcode, zip+code, postcode, post+code, postal, postalcode, postal+code, plz, postleitzahl, code+postal, codepostal, codigo+postal, cp+postal, cap+postale, cep, postnummer, postnr, postinumero, pincode, eircode, postzip'],
  ['postal-address', 'city', PLAIN, 'city, town, locality, ort, stadt, wohnort, ville, commune, ciudad, localidad, citta, comune, cidade, stad, woonplaats, gemeente, plaats, kaupunki, miasto, suburb, municipality, hometown, birthplace, birth+place, place+birth, geburtsort'],
  ['postal-address', 'region', 1.6, 'district, region, province, county, state+province, stateprovince, bundesland, provincia, departement, prefecture, neighbourhood, neighborhood'],
  ['postal-address', 'country', VAGUE, 'country, country+code, countrycode, land, pays, pais, paese'],
  ['postal-address', 'region', 1.6, 'state'],
  ['health', null, PLAIN, 'diagnosis, diagnose, diagnostic, disease, illness, medical+history, medical+record, medical+condition, health, health+status, blood+type, blood+group, bloodtype, allergy, allergies, medication, medications, prescription, disability, icd10, icd+code, icd, vaccination, symptoms, treatment, krankheit, blutgruppe, allergien, behandlung, maladie, groupe+sanguin, enfermedad, diagnostico, grupo+sanguineo, alergias, pregnancy, mental+health, hiv+status, bmi'],
  ['special-category', null, PLAIN, 'religion, religious+affiliation, konfession, faith, church, ethnicity, ethnic+group, ethnic+origin, race, sexual+orientation, political+party, political+opinion, politics, union+member, trade+union, trade+union+membership, gewerkschaft, religione, raza, etnia, ethnie, orientation+sexuelle, orientacion+sexual, biometric, fingerprint, face+template, iris, genetic, dna, criminal+record'],
]; // prettier-ignore

/** These take the meaning away: `email_verified`, `phone_count`, `address_id`, `name_template`. */
const NEGATIVE = new Set(
  'verified verify confirmed validated valid count counts cnt num total id ids uuid guid fk pk key template type types kind flag status state_code enabled disabled sent at on updated update created modified changed expires expiry is has can allow allowed optin optout opt subscribed format length size max min version mask masked index rank score required visible source provider domain url uri link path file class level category title desc description method comment notes via'.split(
    ' ',
  ),
);
/** Of people: a bare `name` there is a person's. */
const PEOPLE = new Set(
  'customer customers client clients person persons people employee employees staff user users member members patient patients contact contacts subscriber subscribers student students teacher teachers actor actors author authors guest guests passenger passengers tenant donor donors applicant applicants candidate candidates resident residents citizen citizens lead leads kunde kunden person personen mitarbeiter patient clientes cliente empleado empleados personne personnes utilisateur salarie profile profiles account accounts driver drivers'.split(
    ' ',
  ),
);
/** Of things: a name or a title there is none of a person. */
const THINGS = new Set(
  'product products company companies file table host brand department organisation organization team role tag page album track film category genre event store shop item job campaign project playlist artist media language group territory region shipper supplier category package plan class event domain server city country state street bank school song role permission currency color colour course column field database schema'.split(
    ' ',
  ),
);

/** `$.customer.homePhone2` → customer, home, phone. */
export function nameWords(name: string): string[] {
  const words: string[] = [];
  let word = '';
  let before = 0;
  const end = (): void => {
    if (word !== '') words.push(word.toLowerCase());
    word = '';
  };
  for (const letter of name.slice(0, 200).normalize('NFD').replaceAll('ß', 'ss')) {
    const unit = letter.charCodeAt(0);
    if (unit >= 0x300 && unit < 0x370) continue; // an accent
    const kind = unit >= 65 && unit <= 90 ? 2 : (unit >= 97 && unit <= 122) || unit > 0xbf ? 1 : unit >= 48 && unit <= 57 ? 3 : 0; // prettier-ignore
    if (kind === 0) end();
    else if (kind === 2 && before === 1) end();
    // HTTPServer: the last capital begins the next word
    else if (kind === 1 && before === 2 && word.length > 1 && word === word.toUpperCase()) {
      const last = word.slice(-1);
      word = word.slice(0, -1);
      end();
      word = last;
    }
    if (kind === 3 && before !== 3 && word !== '' && !/^(icd|ipv|cvv|address)$/i.test(word)) end();
    if (kind !== 0) word += letter;
    before = kind;
  }
  end();
  return words.filter((one) => !/^\d+$/.test(one)).slice(0, 24);
}

const OF_ADDRESS = new Set(
  'address street city town zip postcode postal strasse ort plz rue ville direccion ciudad'.split(' '),
);
const isOfAddress = (name: string): boolean => nameWords(name).some((word) => OF_ADDRESS.has(word));

/** Names that say nothing, such as `c1` and `value`. */
const BLANK = new Set('c x f v col column field value val text str string attr attribute key item entry'.split(' '));
export const isBlankName = (name: string): boolean =>
  nameWords(name).every((word) => BLANK.has(word) || word.length < 2);

/** What the name says: the first synonym that fits, unless a negative word stands beside it. */
export function nameClue(name: string, table: string | undefined, siblings: readonly string[] = []): NameClue | null {
  const all = nameWords(name);
  const words = new Set(all);
  const joined = all.join('');
  const context = new Set([...words, ...nameWords(table ?? '').flatMap((word) => [word, word.replace(/s$/, '')])]);
  const ofPeople = [...context].some((word) => PEOPLE.has(word));
  for (const [type, detail, strength, list] of SYNONYMS) {
    for (const synonym of list.split(', ')) {
      const parts = synonym.split('+');
      if (!parts.every((part) => words.has(part)) && joined !== parts.join('')) continue;
      const denied = all.find((word) => NEGATIVE.has(word) && !parts.includes(word));
      if (denied !== undefined) return { type, detail, reason: { says: `the name has “${parts.join(' ')}”, but also “${denied}”`, adds: -4 } }; // prettier-ignore
      // a bare `contact` may be a name; `contact_reason` is none
      if (type === 'person-name' && strength < PLAIN && all.length > parts.length) continue;
      const vague = strength < PLAIN && ofPeople ? 1 : 0;
      if (type === 'postal-address' && strength < PLAIN && siblings.some(isOfAddress))
        return { type, detail, reason: { says: `the name says “${parts.join(' ')}”, beside a street or a town`, adds: 4.2 } }; // prettier-ignore
      const things = type === 'person-name' && all.some((word) => THINGS.has(word) && !parts.includes(word)) ? -3 : 0;
      return { type, detail, reason: { says: `the name says “${parts.join(' ')}”`, adds: strength + vague + things } };
    }
  }
  if (words.has('name')) {
    if (all.some((word) => THINGS.has(word) || NEGATIVE.has(word))) return null;
    if (ofPeople) return { type: 'person-name', detail: null, reason: { says: 'it is the name of a table of people', adds: 3.8 } }; // prettier-ignore
    return { type: 'person-name', detail: null, reason: { says: 'the name says “name”, of whom is open', adds: 0.8 } };
  }
  return null;
}
