/** Settings of courses made elsewhere (SCORM). */
import { setting, whole } from './setting.ts';
import { webOrigin } from './web-addresses.ts';

export const COURSE_SETTINGS = {
  coursesUrl: setting<string | null>(
    'STRONGROOM_COURSES_URL',
    'origin of courses made elsewhere, such as https://courses.example.net: a name of its own, neither the console’s nor that of phishing exercises',
    webOrigin,
    () => null,
  ),
  coursesPort: setting<number | null>(
    'STRONGROOM_COURSES_PORT',
    'port of this machine that serves those courses, behind a proxy that ends TLS',
    whole(0, 65_535),
    () => null,
  ),
} as const;
