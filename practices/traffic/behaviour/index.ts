/** The door of the behavioural detections, of the company that is made up to try them, and of its attackers. */
export { openCountries, type CountryOf } from './addresses.ts';
export { attacksOf, type Attack } from './attacks.ts';
export { createCompany, dayOf, type Company } from './company.ts';
export { BEHAVIOURS, createBehaviours, type Baselines, type Behaviours, type BehavioursOptions } from './compose.ts';
export { createRandom, type Random } from './random.ts';
export { judgeSlowScrape, type SlowScrapeFinding, type SlowScrapeQuestion } from './slow-scrape.ts';
export { workThrough, type Found, type Scrape } from './scrape-trial.ts';
export { inOrder, quietDay } from './simulate.ts';
