/** Version of the program, as `/healthz` and the OpenAPI document say it. */
export const VERSION = '0.1.0';
