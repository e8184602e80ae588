/**
 * Where countries are: a middle and how far its land reaches from it, in whole degrees and kilometres. Good for one question
 * only: can anybody have come from there to here in that time. Reach is made large on purpose: a doubt is no alert.
 *
 * Source: written down for this project from common geography, rounded to whole degrees; no data set was copied.
 */
const PLACES = `
AD 42 1 30|AE 24 54 350|AF 34 66 700|AG 17 -62 50|AL 41 20 180|AM 40 45 180|AO -12 18 900|AR -35 -65 1900|AT 47 14 350
AU -25 134 2200|AZ 40 48 300|BA 44 18 200|BB 13 -60 40|BD 24 90 350|BE 51 4 160|BF 12 -2 450|BG 43 25 280|BH 26 50 50
BI -3 30 130|BJ 10 2 350|BN 4 115 80|BO -17 -64 850|BR -10 -53 2400|BS 25 -77 400|BT 27 90 170|BW -22 24 550|BY 53 28 350
BZ 17 -89 160|CA 60 -106 3000|CD -3 23 1200|CF 7 21 700|CG -1 15 600|CH 47 8 200|CI 8 -6 400|CL -35 -71 2300|CM 6 12 600
CN 36 104 2500|CO 4 -73 900|CR 10 -84 220|CU 22 -79 600|CV 16 -24 200|CY 35 33 120|CZ 50 15 270|DE 51 10 450|DJ 12 43 120
DK 56 10 250|DM 15 -61 40|DO 19 -70 200|DZ 28 3 1200|EC -2 -78 600|EE 59 26 180|EG 27 30 700|ER 15 39 450|ES 40 -4 700
ET 9 40 800|FI 64 26 600|FJ -18 178 250|FR 47 2 600|GA -1 12 350|GB 54 -2 550|GE 42 44 300|GH 8 -1 380|GM 13 -15 200
GN 10 -11 450|GQ 2 10 200|GR 39 22 450|GT 16 -90 260|GW 12 -15 170|GY 5 -59 450|HK 22 114 40|HN 15 -86 350|HR 45 16 280
HT 19 -73 180|HU 47 19 280|ID -2 118 2700|IE 53 -8 250|IL 31 35 230|IN 22 79 1700|IQ 33 44 550|IR 32 53 1100|IS 65 -19 280
IT 43 12 700|JM 18 -77 130|JO 31 36 280|JP 37 138 1500|KE 0 38 600|KG 41 75 500|KH 13 105 320|KM -12 43 120|KP 40 127 400
KR 36 128 300|KW 29 48 130|KZ 48 67 1700|LA 18 104 550|LB 34 36 120|LI 47 10 20|LK 7 81 250|LR 6 -9 300|LS -30 28 140
LT 55 24 220|LU 50 6 50|LV 57 25 260|LY 27 18 900|MA 32 -6 1000|MC 44 7 10|MD 47 29 220|ME 43 19 110|MG -19 47 850
MK 42 22 130|ML 17 -4 1000|MM 21 96 1050|MN 47 104 1200|MO 22 114 20|MR 20 -10 800|MT 36 14 30|MU -20 58 60|MV 3 73 500
MW -13 34 450|MX 24 -102 1800|MY 4 109 1100|MZ -18 35 1000|NA -22 17 800|NE 17 8 850|NG 9 8 700|NI 13 -85 300|NL 52 5 200
NO 65 13 1100|NP 28 84 450|NZ -41 173 900|OM 21 57 550|PA 9 -80 350|PE -9 -75 1100|PG -6 145 700|PH 12 122 950|PK 30 69 950
PL 52 19 400|PR 18 -66 100|PT 40 -8 350|PY -23 -58 500|QA 25 51 90|RO 46 25 400|RS 44 21 260|RU 62 95 4500|RW -2 30 120
SA 24 45 1100|SC -5 55 300|SD 16 30 950|SE 62 16 850|SG 1 104 30|SI 46 15 140|SK 49 19 230|SL 8 -12 190|SM 44 12 10
SN 14 -14 380|SO 6 46 900|SR 4 -56 280|SS 7 30 650|ST 0 7 100|SV 14 -89 140|SY 35 38 400|SZ -26 31 100|TD 15 19 950
TG 8 1 300|TH 15 101 900|TJ 39 71 400|TL -9 126 160|TM 39 59 600|TN 34 9 400|TR 39 35 850|TT 11 -61 80|TW 24 121 220
TZ -6 35 700|UA 49 32 750|UG 1 32 380|US 42 -98 5500|UY -33 -56 320|UZ 41 64 800|VA 42 12 5|VE 7 -66 850|VN 16 107 950
XK 43 21 100|YE 16 48 550|ZA -29 25 900|ZM -14 28 750|ZW -19 30 450`;

type Place = Readonly<{ latitude: number; longitude: number; reach: number }>;

export type Gap = (one: string, other: string) => number;

/** @returns kilometres between the nearest points of two countries, at least; 0 where one of them is not known */
export function createGap(): Gap {
  const places = new Map<string, Place>();
  for (const entry of PLACES.trim().split(/[|\n]/)) {
    const [code = '', latitude, longitude, reach] = entry.trim().split(' ');
    places.set(code, { latitude: Number(latitude), longitude: Number(longitude), reach: Number(reach) });
  }
  return (one, other) => {
    const from = places.get(one);
    const to = places.get(other);
    if (from === undefined || to === undefined) return 0;
    return Math.max(0, kilometresBetween(from, to) - from.reach - to.reach);
  };
}

const EARTH_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great circle (haversine). */
function kilometresBetween(one: Place, other: Place): number {
  const a =
    Math.sin(radians(other.latitude - one.latitude) / 2) ** 2 +
    Math.cos(radians(one.latitude)) *
      Math.cos(radians(other.latitude)) *
      Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}
