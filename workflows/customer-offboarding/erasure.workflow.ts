import { sleep } from '@temporalio/workflow';
import type { ServedInput } from '../messages.js';
import { erasures } from '../support/proxies.js';

/**
 * Erases a customer that left. It is a workflow of the MSP's, not of the customer's: the keys that the customer's own histories
 * are encrypted with go as well. What the law keeps is waited for, table by table.
 */
export async function erasure({ tenant, id }: ServedInput): Promise<void> {
  const ref = { tenant, id };
  await erasures.forgetHistories(ref);
  await erasures.pseudonymiseAudit(ref);
  await erasures.eraseRows(ref);
  await erasures.finishErasure(ref);
  for (;;) {
    const dueAt = await erasures.nextKept(ref);
    if (dueAt === null) return;
    await sleep(Math.max(1, dueAt - Date.now()));
    await erasures.eraseKept(ref);
  }
}
