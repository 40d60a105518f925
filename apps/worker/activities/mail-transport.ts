import type { JsonObject } from '#libs/kernel';
import type { MailReceipt, MailTransport, OutgoingMail } from '#libs/notify';
import { SystemNotConfigured, type Pulse, type StepSystems } from '#libs/process';

/** Sends the platform's mails by a tenant's system `mail`, as the block `mail.send` does, with all that guards it. */
export class MailSystemTransport implements MailTransport {
  constructor(
    private readonly systems: StepSystems,
    private readonly pulse: Pulse,
  ) {}

  async send({ sender, id, to, subject, text, html, language }: OutgoingMail): Promise<MailReceipt | null> {
    const block = this.systems.block('mail.send');
    const [about = '', ...rest] = id.split('.');
    const place = { tenant: sender, runId: about, stepId: rest.join('.'), system: 'mail', expectedIdentity: null };
    const context = await this.systems.context(place, this.pulse).catch(notConfigured);
    if (!context) return null;
    const input: JsonObject = { to: [to], subject, text, html, language };
    const receipt = await block.apply(context, input, await block.plan(context, input));
    return { messageId: String((receipt as JsonObject)['messageId']) };
  }
}

function notConfigured(error: unknown): null {
  if (error instanceof SystemNotConfigured) return null;
  throw error;
}
