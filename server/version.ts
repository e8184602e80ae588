/** Version of the program, as `/healthz` and the OpenAPI document say it. */
export const VERSION = '0.1.0';

/** What a server calls itself in the database, so that another can see which versions work there. @param mark of `schemaMark` */
export const programName = (mark: string): string => `strongroom/${VERSION}+${mark}`;
