import type { ReworkInput } from '../messages.js';
import { Mailbox } from '../support/mailbox.js';
import { carryOut, type Resume } from '../support/planned-run.js';
import { records } from '../support/proxies.js';

/** Goes on with a run that had ended: tries again what failed, from where our tables say it stands. */
export async function rework(input: ReworkInput): Promise<void> {
  const { tenant, requestId, runId } = input;
  const resume = input.resume as Resume | undefined;
  const mailbox = new Mailbox(resume?.seen);
  const run = { tenant, requestId, runId };
  const position = resume?.position ?? { run, difference: null, lookedAt: 0, ...(await records.readPosition(run)) };
  await carryOut(position, mailbox, input);
}
