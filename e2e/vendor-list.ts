/** As IAB Europe publishes it, with two vendors that nobody knows. */
export const vendorList = {
  gvlSpecificationVersion: 3, vendorListVersion: 70, tcfPolicyVersion: 5, lastUpdated: '2026-10-01T00:00:00Z', specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {},
  purposes: { 1: { id: 1, name: 'Store and/or access information on a device', description: '' } },
  vendors: Object.fromEntries([12, 34].map((id) => [id, { id, name: `Advertiser ${id}`, purposes: [1], legIntPurposes: [], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [], urls: [{ langId: 'en', privacy: `https://v${id}.example/privacy` }] }])),
}; // prettier-ignore
