/** What the tests of a family speak for, in other people's numbers: where a test names no ids of its own, these. */
import type { Maps } from '../types.ts';

export const FAMILY_MAPS: Readonly<Record<string, Maps>> = {
  AUTHN: {
    asvs: ['6.3.1', '6.3.3', '6.5.1', '7.2.4', '7.4.1'], wstg: ['WSTG-ATHN-03', 'WSTG-ATHN-04', 'WSTG-SESS-03', 'WSTG-SESS-06'],
    csf: ['PR.AA-03'], sp80053: ['ac-7', 'ac-12', 'ia-2', 'ia-2.1', 'ia-2.8', 'ia-5'], iso27001: ['A.5.17', 'A.8.5'], soc2: ['CC6.1'],
    cis: ['6.3', '6.5'], pci: ['8.3.4', '8.4.2'], attack: ['T1110.003', 'T1550.004'],
  },
  TOKEN: {
    asvs: ['9.1.1', '9.1.2', '9.1.3', '9.2.1', '9.2.3'], wstg: ['WSTG-SESS-01'], csf: ['PR.AA-04'], sp80053: ['ia-5', 'ia-8', 'sc-23'],
    iso27001: ['A.8.5'], soc2: ['CC6.1'], pci: ['8.3.2'], attack: ['T1606', 'T1528'],
  },
  AUTHZ: {
    asvs: ['8.2.1', '8.2.2', '8.2.3', '8.3.1', '8.3.2'], wstg: ['WSTG-ATHZ-02', 'WSTG-ATHZ-03', 'WSTG-ATHZ-04'], csf: ['PR.AA-05'],
    sp80053: ['ac-2', 'ac-3', 'ac-5', 'ac-6', 'ac-6.9'], iso27001: ['A.5.15', 'A.5.18', 'A.8.3'], soc2: ['CC6.1', 'CC6.3'], cis: ['3.3', '6.8'],
    pci: ['7.2.1', '7.2.2', '7.3.2'], attack: ['T1078', 'T1548'],
  },
  MASK: {
    asvs: ['14.2.1', '14.2.6', '16.2.5'], wstg: ['WSTG-ERRH-01', 'WSTG-CONF-02'], csf: ['PR.DS-10', 'PR.DS-01'], sp80053: ['ac-4', 'si-11', 'si-19'],
    iso27001: ['A.8.11', 'A.8.12'], soc2: ['C1.1', 'CC6.7'], cis: ['3.1'], pci: ['3.4.1'], attack: ['T1213', 'T1552'],
  },
  INJECT: {
    asvs: ['1.2.4', '1.2.5', '1.2.10', '1.3.6', '1.5.1', '2.2.1', '5.2.3'], wstg: ['WSTG-INPV-05', 'WSTG-INPV-07', 'WSTG-INPV-15', 'WSTG-INPV-19'],
    csf: ['PR.PS-06'], sp80053: ['si-10', 'sa-11'], iso27001: ['A.8.26', 'A.8.28'], soc2: ['CC7.1'], cis: ['16.10'], pci: ['6.2.4'], attack: ['T1190'],
  },
  CRYPTO: {
    asvs: ['11.2.1', '11.3.3', '11.3.4', '13.3.1'], wstg: ['WSTG-CRYP-04'], csf: ['PR.DS-01'], sp80053: ['sc-12', 'sc-13', 'sc-28', 'sc-28.1'],
    iso27001: ['A.8.24'], soc2: ['CC6.1'], cis: ['3.11'], pci: ['3.5.1', '3.6.1', '3.7.4'], attack: ['T1005', 'T1565.001'],
  },
  AUDIT: {
    asvs: ['16.2.1', '16.3.2', '16.4.1', '16.4.2', '16.4.3'], wstg: ['WSTG-BUSL-07'], csf: ['PR.PS-04', 'DE.AE-03'],
    sp80053: ['au-2', 'au-3', 'au-9', 'au-9.3', 'au-10', 'au-12'], iso27001: ['A.8.15'], soc2: ['CC7.2'], cis: ['8.2', '8.5'],
    pci: ['10.2.1', '10.3.2', '10.3.4'], attack: ['T1070', 'T1562.008'],
  },
  MONITOR: {
    asvs: ['16.3.3', '2.4.1'], wstg: ['WSTG-BUSL-07'], csf: ['DE.CM-01', 'DE.CM-03', 'DE.CM-09', 'DE.AE-02'], sp80053: ['au-6', 'si-4', 'si-4.5', 'ac-2.12'],
    iso27001: ['A.8.16'], soc2: ['CC7.2', 'CC7.3'], cis: ['8.11', '13.1'], pci: ['10.4.1'], attack: ['T1213', 'T1048'],
  },
  BACKUP: {
    csf: ['PR.DS-11', 'RC.RP-03'], sp80053: ['cp-4', 'cp-9', 'cp-9.1', 'cp-9.8', 'cp-10'], iso27001: ['A.8.13'], soc2: ['A1.2', 'A1.3'],
    cis: ['11.2', '11.3', '11.5'], pci: ['9.4.1.1'], attack: ['T1490', 'T1485'],
  },
  COLLECTION: {
    asvs: ['14.2.4', '14.2.7', '2.2.1'], csf: ['ID.AM-07', 'PR.DS-10'], sp80053: ['pm-5.1', 'pt-2', 'pt-3', 'si-12', 'si-12.1', 'si-12.3'],
    iso27001: ['A.5.34', 'A.8.10'], soc2: ['P3.1', 'P4.2'], cis: ['3.4', '3.5'], pci: ['3.2.1'],
  },
  PRIVACY: {
    asvs: ['14.2.4', '14.2.7'], csf: ['GV.OC-03', 'PR.DS-10'], sp80053: ['ac-3.14', 'pt-4', 'pt-5', 'pm-20', 'si-18.4'], iso27001: ['A.5.34'],
    soc2: ['P2.1', 'P5.1', 'P6.7', 'P8.1'],
  },
  EDU: {
    csf: ['PR.AT-01', 'PR.AT-02'], sp80053: ['at-2', 'at-2.2', 'at-2.3', 'at-3', 'at-4'], iso27001: ['A.6.3'], soc2: ['CC1.4', 'CC2.2'],
    cis: ['14.1', '14.2', '14.9'], pci: ['12.6.1', '12.6.3.1'], attack: ['T1566'],
  },
  NET: {
    asvs: ['3.4.1', '3.4.3', '4.2.1', '12.1.1', '12.1.2', '12.2.1'], wstg: ['WSTG-CRYP-01', 'WSTG-CONF-07', 'WSTG-CLNT-07'], csf: ['PR.DS-02', 'PR.IR-01'],
    sp80053: ['sc-5', 'sc-8', 'sc-8.1'], iso27001: ['A.8.20', 'A.8.24'], soc2: ['CC6.7'], cis: ['3.10'], pci: ['4.2.1'], attack: ['T1557', 'T1040'],
  },
  SUPPLY: {
    asvs: ['15.1.1', '15.1.2', '15.2.1', '15.2.4'], csf: ['GV.SC-04', 'GV.SC-07', 'ID.RA-01', 'ID.RA-09'], sp80053: ['ra-5', 'ra-5.2', 'sr-3', 'sr-11', 'si-2'],
    iso27001: ['A.5.21', 'A.8.8'], soc2: ['CC7.1', 'CC9.2'], cis: ['7.4', '16.4', '16.5'], pci: ['6.3.1', '6.3.2'], attack: ['T1195.001', 'T1195.002'],
  },
  CHAOS: {
    asvs: ['16.5.2', '16.5.3'], wstg: ['WSTG-ERRH-01'], csf: ['ID.IM-02', 'PR.IR-03', 'PR.IR-04'], sp80053: ['au-5', 'cp-2', 'cp-4', 'sc-24', 'au-8'],
    iso27001: ['A.5.29', 'A.8.14'], soc2: ['A1.2'], pci: ['10.6.1', '10.7.2'], attack: ['T1499'],
  },
}; // prettier-ignore
