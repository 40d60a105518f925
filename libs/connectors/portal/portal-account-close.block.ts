import type { FieldChange, Json } from '#libs/kernel';
import { defineBlock, type BlockContext } from '../block.js';
import { applyFields, effectOf, undoFields, verifyFields, type FieldAccess } from '../field-changes.js';

type CloseInput = { readonly user: string };

const OPEN = 'open';
const CLOSED = 'closed';

/**
 * Closes somebody's account of the portal: every key that lets them in. The undo gives back the keys that the step closed;
 * those that were closed before, or by somebody else, stay closed.
 */
export const portalAccountClose = defineBlock<CloseInput>({
  name: 'portal.account.close',
  title: { en: 'Close the portal account', de: 'Portalkonto schließen' },
  kind: 'portal',
  inputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['user'],
    properties: { user: { type: 'string', minLength: 1, maxLength: 256 } },
  },
  outputSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['openKeys', 'closedKeys'],
    properties: { openKeys: { type: 'integer' }, closedKeys: { type: 'integer' } },
  },
  credentials: ['none: the portal is ours'],
  repeatIsHarmless: 'Keys that are closed already are left alone, and each remembers the step that closed it.',
  plan: async (context, { user }) => {
    const before = await stateOf(context, user);
    return effectOf(null, [{ target: targetOf(context, user), field: 'signIn', before, after: CLOSED }]);
  },
  apply: (context, { user }, effect) => applyFields(context, effect.changes, accessTo(context, user)),
  verify: async (context, { user }, effect) => {
    const { openKeys, closedKeys } = await find(context, user);
    const access = accessTo(context, user);
    return {
      ...(await verifyFields(effect.changes, (change) => access.read(change))),
      evidence: { openKeys, closedKeys },
    };
  },
  undo: async (context, { user }, recorded, overwrite) => {
    const { openKeys, closedKeys } = await find(context, user);
    // nothing to give back: the keys were given back already, or somebody deleted them
    if (openKeys === 0 && closedKeys === 0) return effectOf(null, []);
    const { changes, kept } = await undoFields(recorded, overwrite, (change) => accessTo(context, user).read(change));
    return effectOf(null, changes, { kept });
  },
});

function accessTo(context: BlockContext, user: string): FieldAccess {
  return {
    read: () => stateOf(context, user),
    write: async (change: FieldChange) => {
      const { tenant, portal } = context;
      if (change.after === CLOSED) await portal.close(tenant, user, closingStep(context));
      else await portal.giveBack(tenant, user, closingStep(context));
      return true;
    },
  };
}

async function stateOf(context: BlockContext, user: string): Promise<Json> {
  return (await find(context, user)).openKeys > 0 ? OPEN : CLOSED;
}

function find(context: BlockContext, user: string) {
  return context.portal.find(context.tenant, user, closingStep(context));
}

/** The step whose closing this is about: this one, or the one that it takes back. */
function closingStep({ tenant, takesBack, idempotencyKey }: BlockContext): string {
  return takesBack ? `${tenant}/${takesBack.runId}/${takesBack.stepId}` : idempotencyKey;
}

function targetOf({ tenant }: BlockContext, user: string): string {
  return `${user.split('@')[0]!}@${tenant}`.toLowerCase();
}
