import { createHash } from 'node:crypto';
import type { Agreement } from '#libs/tenancy';

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
