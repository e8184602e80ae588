/**
 * Words for special categories of personal data (GDPR art. 9 and 10), in English, German, French and Spanish.
 * Only those that say something about a person: `church` may be a building, `Catholic` is a faith.
 */
import type { Characters } from '../text/characters.ts';
import { hashOf } from '../text/tokens.ts';

export type SpecialCategory = 'health' | 'religion' | 'ethnic origin' | 'politics' | 'trade union' | 'sexuality' | 'biometrics' | 'criminal record'; // prettier-ignore

/** Words by comma; in capitals those that may mean something else, and count less. */
const WORDS: Readonly<Record<SpecialCategory, string>> = {
  health: `diabetes, diabetic, asthma, asthmatic, hiv, hiv positive, aids patient, cancer, leukemia, leukaemia, chemotherapy, tumour, tumor, epilepsy, epileptic, schizophrenia, bipolar disorder, DEPRESSION, clinical depression, anxiety disorder, dementia, alzheimer, parkinson, multiple sclerosis, hepatitis, tuberculosis, pregnant, miscarriage, abortion, insulin, dialysis, antidepressants, psychiatric, psychiatrist, psychotherapy, rehab, alcoholic, drug addiction, disabled, wheelchair, heart attack, stroke patient, high blood pressure, hypertension, blood type, blood group, allergic to, sick leave, medical certificate, medical history, diagnosed with, DIAGNOSIS, PRESCRIPTION, surgery, covid positive, autism, autistic, adhd, anorexia, bulimia, arthritis, crohn, endometriosis, infertility,
    diabetiker, diabetikerin, krebs, krebserkrankung, chemotherapie, epilepsie, schizophrenie, depressionen, demenz, schwanger, schwangerschaft, fehlgeburt, abtreibung, psychotherapie, psychiatrie, krankgeschrieben, krankschreibung, krankmeldung, schwerbehindert, schwerbehinderung, rollstuhl, herzinfarkt, schlaganfall, bluthochdruck, blutgruppe, allergisch gegen, diagnose, arbeitsunfähigkeit, suchterkrankung, multiple sklerose,
    diabétique, diabète, cancer du sein, chimiothérapie, épilepsie, épileptique, schizophrénie, dépression, démence, enceinte, grossesse, fausse couche, avortement, handicapé, handicapée, fauteuil roulant, arrêt maladie, groupe sanguin, allergique à, séropositif, séropositive, hypertension artérielle, crise cardiaque,
    diabético, diabética, cáncer, quimioterapia, epilepsia, epiléptico, esquizofrenia, depresión, demencia, embarazada, embarazo, aborto, discapacitado, discapacidad, silla de ruedas, baja médica, grupo sanguíneo, alérgico a, alérgica a, seropositivo, hipertensión, infarto`,
  religion: `catholic, protestant, lutheran, methodist, muslim, islam, islamic faith, jewish, judaism, hindu, hinduism, buddhist, buddhism, sikh, mormon, jehovah, atheist, agnostic, baptised, religious beliefs, religion,
    katholisch, evangelisch, muslimisch, muslima, jüdisch, konfession, konfessionslos, kirchensteuer, religionszugehörigkeit, catholique, protestante, musulman, musulmane, juif, juive, bouddhiste, athée, católico, católica, musulmán, musulmana, judío, judía, ateo, religión`,
  'ethnic origin': `ethnicity, ethnic origin, ethnic group, african american, hispanic, latino, latina, caucasian, roma descent, aboriginal, indigenous descent, racial origin, skin colour, skin color, ethnische herkunft, hautfarbe, origine ethnique, couleur de peau, origen étnico, color de piel`,
  politics: `political opinion, political party, political affiliation, registered republican, registered democrat, party member, votes for, communist party, voted for trump, voted for, parteimitglied, parteibuch, politische meinung, opinion politique, membre du parti, afiliación política, militante del partido`,
  'trade union': `trade union, union member, union membership, labour union, labor union, shop steward, gewerkschaft, gewerkschaftsmitglied, gewerkschaftlich, syndicat, syndiqué, syndiquée, sindicato, sindicalista, afiliado sindical`,
  sexuality: `gay, lesbian, bisexual, homosexual, transgender, transsexual, sexual orientation, same sex partner, queer, schwul, lesbisch, bisexuell, homosexuell, sexuelle orientierung, homosexuel, homosexuelle, lesbienne, orientation sexuelle, homosexuales, lesbiana, orientación sexual`,
  biometrics: `fingerprint scan, face template, iris scan, dna test, dna profile, genetic test, gentest, fingerabdruckscan, test génétique, empreinte digitale, huella dactilar, prueba genética`,
  'criminal record': `criminal record, criminal conviction, convicted of, previous convictions, on parole, on probation, served time in prison, vorbestraft, vorstrafe, strafregister, casier judiciaire, condamné pour, antecedentes penales, condenado por`,
}; // prettier-ignore

export type Phrase = Readonly<{ category: SpecialCategory; vague: boolean; rest: readonly number[] }>;
/** Phrases by the hash of their first word, longest first. */
export type SpecialWords = ReadonlyMap<number, readonly Phrase[]>;

export function specialWords(characters: Characters): SpecialWords {
  const found = new Map<number, Phrase[]>();
  for (const [category, list] of Object.entries(WORDS))
    for (const written of list.split(',')) {
      const [first = 0, ...rest] = written.trim().split(' ').map((word) => hashOf(word, characters)); // prettier-ignore
      const vague = /^[\sA-Z]+$/.test(written);
      found.set(first, [...(found.get(first) ?? []), { category: category as SpecialCategory, vague, rest }]);
    }
  for (const phrases of found.values()) phrases.sort((a, b) => b.rest.length - a.rest.length);
  return found;
}
