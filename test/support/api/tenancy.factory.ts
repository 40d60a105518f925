import { createHash } from 'node:crypto';
import { inTenants, type Database } from '#libs/platform/database';
import { endAgreement, insertAgreement, setLive, type Agreement } from '#libs/tenancy';

/** A data processing agreement that was signed long ago. */
export function agreement(change: Partial<Agreement> = {}): Agreement {
  return {
    signedOn: '2025-03-01',
    signedBy: 'Dr. Mara Muster',
    signedForUsBy: 'Olaf Owner',
    documentReference: 'AVV-2025-17',
    documentSha256: createHash('sha256').update('signed').digest('hex'),
    subProcessors: [{ name: 'Rechenzentrum GmbH', service: 'Hosting', country: 'DE' }],
    dataLocations: [{ place: 'Frankfurt am Main', country: 'DE', purpose: 'Database and backups' }],
    subjectCategories: ['employees'],
    dataCategories: ['names', 'sign-in names'],
    measuresReference: 'TOM 2025-1',
    ...change,
  };
}

/** A customer goes live by an agreement, as the API has it do. */
export async function goLive(admin: Database, tenant: string): Promise<void> {
  await inTenants(admin, [tenant], async (tx) => {
    await insertAgreement(tx, tenant, agreement(), 'owner@msp');
    await setLive(tx, tenant, true);
  });
}

/** Its agreement ends without a next one. */
export async function endLive(admin: Database, tenant: string): Promise<void> {
  await inTenants(admin, [tenant], async (tx) => {
    await endAgreement(tx, tenant, 'owner@msp', 'terminated');
    await setLive(tx, tenant, false);
  });
}
