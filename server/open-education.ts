/** The education practice with what it needs of the others. */
import type { Config } from '#platform/config';
import { createEducation, type Education, type EducationNeeds } from '#practices/education';

export async function openEducation(_config: Config, needs: EducationNeeds): Promise<Education> {
  const education = createEducation(needs);
  await education.begin();
  return education;
}
