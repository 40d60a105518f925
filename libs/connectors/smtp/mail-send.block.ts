import { defineBlock } from '../block.js';
import { effectOf } from '../field-changes.js';
import { acceptanceSchema, deliver, proofOf, recipientsSchema, refuseLineBreaks } from './mail-delivery.js';
import { parseSmtpConfig } from './smtp-config.js';

type MailInput = {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly language?: string;
};

const IRREVERSIBLE = 'A mail cannot be taken back.';

/** Sends a mail to people who are told something. */
export const mailSend = defineBlock<MailInput>({
  name: 'mail.send',
  title: { en: 'Send a mail', de: 'Mail senden' },
  kind: 'smtp',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['to', 'subject', 'text'],
    properties: {
      to: recipientsSchema,
      subject: { type: 'string', minLength: 1, maxLength: 500, pattern: '^[^\\r\\n]*$' },
      text: { type: 'string', minLength: 1 },
      html: { type: 'string', minLength: 1 },
      language: { type: 'string', pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['by', 'messageId', 'accepted', 'refused'],
    properties: acceptanceSchema,
  },
  credentials: ['send mail from the configured address'],
  repeatIsHarmless:
    'A crash between the server’s acceptance and our record of it sends the mail again, with the same Message-ID, by which servers and clients recognise a double.',
  plan: (context, input) => {
    parseSmtpConfig(context.system);
    refuseLineBreaks(input, input.to);
    const changes = input.to.map((target) => ({
      target,
      field: 'mail',
      before: null,
      after: input.subject,
      opaque: true,
    }));
    return Promise.resolve(effectOf(null, changes, { irreversible: IRREVERSIBLE }));
  },
  apply: async (context, input, effect) => {
    const to = effect.changes.map((change) => change.target);
    if (to.length > 0) return deliver(context, input, to);
  },
  verify: (_context, _input, effect, receipt) => Promise.resolve(proofOf(effect, receipt)),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});
