/**
 * Sentences to train the tagger of names on, written for it; the benchmark has others. {name}, {given} and {family} are
 * names; every other slot is something that is none.
 */
import { ENGLISH_SENTENCES } from './sentences-en.ts';

export const SENTENCES: Readonly<Record<'en' | 'de' | 'fr' | 'es' | 'any', string>> = {
  en: ENGLISH_SENTENCES,
  de: `
Mein Name ist {name} und ich möchte meine Bestellung ändern.
Sehr geehrter Herr {family},
Sehr geehrte Frau {family},
Sehr geehrte Damen und Herren, die Rechnung {number} ist falsch.
Liebe {given}, vielen Dank für die Nachricht.
Hallo {given},
Mit freundlichen Grüßen\n{name}
Viele Grüße, {given}
Viele Grüße aus {city}
Frau {name} wohnt in der {street} in {city}.
Herr {family} hat gestern aus {city} angerufen.
Bitte rufen Sie {name} unter {phone} an.
Bitte rufen Sie die Firma {org} an.
Ansprechpartner: {name}, {email}
Kunde: {name}, {street}, {city}
Name: {family}, Vorname: {given}
Nachname: {family}
Meine Kollegin {given} {family} übernimmt den Auftrag.
Der Patient {name} wurde von Dr. {family} untersucht.
Ich habe mit {given} über das Angebot gesprochen.
{name} arbeitet bei {org} als {job}.
{given} und {given} fahren nach {city}.
Das Konto gehört {name}.
{org} hat in {city} eine neue Filiale eröffnet.
Die Lieferung nach {city} dauert drei Tage.
Der Kunde hat die Ware am {date} erhalten.
Die Bestellung {number} wurde nach {country} verschickt.
Wir suchen für den Standort {city} einen Mitarbeiter.
Der Vertrag zwischen {org} und {org} endet im {month}.
Die Rechnung liegt im Anhang, bitte überweisen Sie den Betrag.
Das Wetter in {city} ist schön.
Die Kündigung des Vertrags ist zum Monatsende möglich.
Im Lager fehlen Schrauben, Muttern und Bretter.
Bitte senden Sie das Paket an {street}, {city}.
Wann kommt meine Lieferung?
Technische Daten und Beschreibung des Produkts
`,
  fr: `
Je m'appelle {name} et je voudrais modifier ma commande.
Bonjour {given},
Bonjour Madame {family},
Bonjour, je n'ai pas reçu ma commande {number}.
Cher Monsieur {family},
Chère {given}, merci pour votre message.
Cordialement,\n{name}
Monsieur {name} habite {street} à {city}.
Mme {family} a appelé ce matin depuis {city}.
Veuillez contacter {name} au {phone}.
Veuillez contacter notre service à {city}.
Client : {name}, {street}, {city}
Nom : {family}, prénom : {given}
Le docteur {family} a reçu {name} à {city}.
Ma collègue {given} s'occupe du dossier.
{name} travaille chez {org} depuis {month}.
{given} et {given} partent à {city}.
La société {org} ouvre un magasin à {city}.
La livraison en {country} prend trois jours.
Le contrat entre {org} et {org} se termine en {month}.
La facture est en pièce jointe.
Le temps à {city} est mauvais.
Où est mon colis pour {city} ?
Je voudrais annuler mon abonnement.
Conditions générales de vente
`,
  es: `
Me llamo {name} y quiero cambiar mi pedido.
Hola {given}, gracias por tu mensaje.
Hola, no he recibido mi pedido {number}.
Estimado señor {family}:
Estimada {given},
Saludos,\n{name}
La señora {family} vive en {street}, {city}.
Don {name} llamó ayer desde {city}.
Llame a {name} al {phone}.
Llame a nuestra oficina en {city}.
Cliente: {name}, {street}, {city}
Nombre: {given} Apellidos: {family} {family}
El doctor {family} atendió a {name} en {city}.
Mi compañera {given} se encarga de todo.
{name} trabaja en {org} desde {month}.
{given} y {given} viajan a {city}.
La empresa {org} abre una tienda en {city}.
El envío a {country} tarda tres días.
El contrato entre {org} y {org} termina en {month}.
La factura está adjunta.
El tiempo en {city} es bueno.
Quiero cancelar mi suscripción.
Condiciones generales de venta
`,
  any: `
{name}
{name}, {city}
{name} ({email})
{family} {given}
{family}, {given}
{city}, {country}
{org}, {city}
{name} – {job}
{street}\n{city}
{name}\n{email}
`,
};
