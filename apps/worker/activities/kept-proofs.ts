import { createHash } from 'node:crypto';
import { inTenants, type Database, type Transaction } from '#libs/platform/database';
import { endedRunsWithoutProof, keepRunProof, readRunFacts, type EndedRun } from '#libs/process';
import { certificateOf, certificateText, peopleOfCertificate, runProofOf, runProofText } from '#libs/process/model';
import { listConfirmations, listDecisions, readRequest } from '#libs/requests';

const BATCH = 50;

/**
 * Keeps what is left of the certificates of a customer that is being erased: for every run that has ended its outcome, dates and
 * decisions, with the hash of the certificate. A repeat goes on where it was. Before a row of the customer is deleted.
 */
export async function keepProofsOf(database: Database, tenant: string, progress?: () => void): Promise<void> {
  for (;;) {
    const kept = await inTenants(database, [tenant], async (tx) => {
      const runs = await endedRunsWithoutProof(tx, tenant, BATCH);
      for (const run of runs) await keepRunProof(tx, tenant, run.id, await proofOf(tx, tenant, run));
      return runs.length;
    });
    progress?.();
    if (kept < BATCH) return;
  }
}

async function proofOf(tx: Transaction, tenant: string, { id, requestId }: EndedRun): Promise<string> {
  const people = peopleOfCertificate(
    await readRequest(tx, { tenant, requestId }),
    await listDecisions(tx, tenant, requestId),
    await listConfirmations(tx, tenant, requestId),
  );
  const certificate = certificateOf({ ...(await readRunFacts(tx, tenant, id)), ...people });
  const sha256 = createHash('sha256').update(certificateText(certificate)).digest('hex');
  return runProofText(runProofOf(certificate, sha256));
}
