import type { Effect, FieldChange, JsonObject } from '#libs/kernel';
import { newLinkToken } from '#libs/platform/secrets';
import { defineBlock, type BlockContext, type Verification } from '../block.js';
import { DriftDuringApply } from '../errors.js';
import { effectOf } from '../field-changes.js';
import { acceptanceSchema, deliver, proofOf, recipientsSchema, refuseLineBreaks } from '../smtp/mail-delivery.js';
import { parseSmtpConfig } from '../smtp/smtp-config.js';
import { NothingToHandOver } from './hand-over-errors.js';
import { HAND_OVER_LANGUAGES, handOverMail, type HandOverLanguage } from './hand-over-mail.js';

type HandOverInput = {
  /** The step of the same run that drew the password. */
  readonly ofStep: string;
  /** The name that it sealed it under. */
  readonly sealedName: string;
  readonly to: readonly string[];
  readonly validHours?: number;
  readonly language: HandOverLanguage;
  readonly userName: string;
};

const VALID_HOURS = 72;
const TOKEN = 'hand-over-token';
const MAIL = 'mail';
const LINK = 'one-time link';

/** Brings a password that another step has drawn to its receiver: by a mail with a link that works once and expires. */
export const passwordHandOver = defineBlock<HandOverInput>({
  name: 'password.hand-over',
  title: { en: 'Hand a password over', de: 'Kennwort übergeben' },
  kind: 'smtp',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['ofStep', 'sealedName', 'to', 'language', 'userName'],
    properties: {
      ofStep: { type: 'string', pattern: '^[a-z][a-z0-9_]*$' },
      sealedName: { type: 'string', minLength: 1 },
      to: recipientsSchema,
      validHours: { type: 'integer', minimum: 1, maximum: 720 },
      language: { enum: [...HAND_OVER_LANGUAGES] },
      userName: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]*$' },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['by', 'linkId'],
    properties: {
      ...acceptanceSchema,
      linkId: { type: ['string', 'null'] },
      expiresAt: { type: ['string', 'null'] },
      linkState: { enum: ['open', 'collected', 'revoked', 'expired', null] },
    },
  },
  credentials: ['send mail from the configured address'],
  repeatIsHarmless:
    'The link’s token is drawn once and sealed, so a repeat makes the same link valid anew and sends the same mail with the same Message-ID.',
  plan,
  apply,
  verify: (context, _input, effect, receipt) =>
    isRevocation(effect) ? revocationProof(context, effect) : handOverProof(context, effect, receipt),
  undo,
});

function plan({ system }: BlockContext, input: HandOverInput): Promise<Effect> {
  parseSmtpConfig(system);
  const { to, userName, validHours = VALID_HOURS } = input;
  refuseLineBreaks({ subject: userName, text: '' }, to);
  const after = `one-time link to the password of ${userName}, valid for ${validHours} hours`;
  const changes = to.map((target) => ({ target, field: MAIL, before: null, after, opaque: true }));
  const text = `Whoever opens the link first sees the password of ${userName}, once. It expires ${validHours} hours after it was sent.`;
  return Promise.resolve(effectOf(null, changes, { notes: [{ code: 'hand_over.one_time_link', text }] }));
}

async function apply(context: BlockContext, input: HandOverInput, effect: Effect): Promise<JsonObject | void> {
  if (isRevocation(effect)) return revoke(context, effect.changes);
  const to = effect.changes.map((change) => change.target);
  if (to.length === 0) return;
  const { ofStep, sealedName, validHours = VALID_HOURS, language, userName } = input;
  const secret = await context.secrets.sealedBy(ofStep, sealedName);
  if (secret === null)
    throw new NothingToHandOver(`The step ${ofStep} has drawn no password in this run. Look at its outcome.`);
  const token = await context.secrets.sealOnce(TOKEN, newLinkToken);
  const { id, url, expiresAt, timeZone } = await context.links.offer({ token, secret, validHours });
  context.heartbeat();
  const sent = await deliver(context, handOverMail({ language, userName, url, expiresAt, timeZone }), to);
  return { ...sent, linkId: id, expiresAt: expiresAt.toISOString() };
}

/** Proven by the mail server's acceptance and by the link itself, which stands or was collected already. */
async function handOverProof(context: BlockContext, effect: Effect, receipt: JsonObject | null): Promise<Verification> {
  const mail = proofOf(effect, receipt);
  const link = receipt ? await context.links.find(String(receipt['linkId'])) : null;
  const stands = effect.changes.length === 0 || link?.state === 'open' || link?.state === 'collected';
  const evidence = { expiresAt: null, ...mail.evidence, linkId: link?.id ?? null, linkState: link?.state ?? null };
  return { ...mail, proven: mail.proven && stands, evidence };
}

/** A link that nobody opened is revoked; what somebody has seen cannot be taken back. */
async function undo(context: BlockContext, _input: HandOverInput, recorded: Effect): Promise<Effect> {
  const link = await context.links.ofStep(context.takesBack ?? context);
  if (link?.state === 'collected') {
    const irreversible = `The password was collected at ${link.collectedAt!.toISOString()}. Set a new one.`;
    return effectOf(recorded.identity, [], { irreversible });
  }
  if (link?.state !== 'open') return effectOf(recorded.identity, []);
  return effectOf(recorded.identity, [{ target: link.id, field: LINK, before: 'open', after: 'revoked' }]);
}

function isRevocation(effect: Effect): boolean {
  return effect.changes.some((change) => change.field === LINK);
}

async function revoke(context: BlockContext, changes: readonly FieldChange[]): Promise<void> {
  for (const { target } of changes) {
    const link = await context.links.revoke(target);
    if (link?.state !== 'revoked')
      throw new DriftDuringApply('Somebody collected the password before the link was revoked.');
  }
}

async function revocationProof(context: BlockContext, effect: Effect): Promise<Verification> {
  const states = await Promise.all(
    effect.changes.map(async ({ target, field }) => {
      const link = await context.links.find(target);
      return { target, field, value: link?.state ?? null };
    }),
  );
  const [first] = states;
  const evidence = { by: 'the link’s row', linkId: first?.target ?? null, linkState: first?.value ?? null };
  return { proven: states.every(({ value }) => value === 'revoked'), observed: states, evidence };
}
