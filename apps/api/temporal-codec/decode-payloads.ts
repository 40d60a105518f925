import { sql } from 'kysely';
import { readerOf, type Actor } from '#libs/platform/access';
import { appendAudit } from '#libs/platform/audit';
import { inTenants, type Database } from '#libs/platform/database';
import { ENGINE_TENANT, type PayloadKeys } from '#libs/platform/secrets';
import { PayloadInvalid, placeOfPayload, TenantPayloadCodec } from '#libs/platform/temporal';
import { AppError } from '#libs/kernel';
import { NamespaceUnknown } from './temporal-codec.errors.js';
import { fromWire, toWire, type WirePayload } from './wire-payloads.js';

/** What may go on record as an id: until a payload opens, anybody may have written it. */
const WORKFLOW_ID = /^[\w./:@-]{1,255}$/;

/** A payload that somebody wants to see. */
interface Asked {
  readonly wire: WirePayload;
  /** Whose it says it is; null when it is not encrypted, or not by us. */
  readonly tenant: string | null;
  readonly workflowId: string;
}

/**
 * Shows payloads of Temporal to people who may see them. What somebody may not see, or what does not open, is given back as
 * it came: still encrypted. What was asked for is on record, whether it was shown or not.
 */
export class DecodePayloads {
  private readonly codec: TenantPayloadCodec;

  constructor(
    private readonly database: Database,
    keys: PayloadKeys,
    private readonly namespace: string,
  ) {
    this.codec = new TenantPayloadCodec(keys);
  }

  /** Throws `NamespaceUnknown`, or `PayloadKeyUnavailable` while keys cannot be had. */
  async execute(actor: Actor, namespace: string | undefined, payloads: readonly WirePayload[]): Promise<WirePayload[]> {
    if (namespace !== undefined && namespace !== this.namespace)
      throw new NamespaceUnknown(`Payloads of the namespace ${this.namespace} are decoded here, and of no other.`);
    const asked = payloads.map(toAsked);
    const hidden = await this.hiddenWorkflows(actor, asked);
    const isShown = ({ tenant, workflowId }: Asked): boolean =>
      tenant !== null && maySee(actor, tenant) && !hidden.has(requestIn(workflowId) ?? '');
    await this.record(actor, asked, isShown);
    return Promise.all(asked.map((one) => (isShown(one) ? this.open(one) : one.wire)));
  }

  private async open({ wire }: Asked): Promise<WirePayload> {
    try {
      const [payload] = await this.codec.decode([fromWire(wire)]);
      return toWire(payload!);
    } catch (error) {
      // whatever waits for nothing: damaged, forged, or of a tenant that was erased
      if (error instanceof AppError && !error.retryable) return wire;
      throw error;
    }
  }

  /** Requests that are confidential for this reader, by the id that workflows carry: the request's, or an act's. */
  private async hiddenWorkflows(actor: Actor, asked: readonly Asked[]): Promise<ReadonlySet<string>> {
    const tenants = [...new Set(asked.flatMap(({ tenant }) => tenant ?? []))].filter((id) => actor.sees.includes(id));
    const ids = [...new Set(asked.flatMap(({ workflowId }) => requestIn(workflowId) ?? []))];
    if (tenants.length === 0 || ids.length === 0) return new Set();
    const { subject, decides, confirmsFor } = readerOf(actor);
    const { rows } = await inTenants(this.database, tenants, (tx) =>
      sql<{ id: string }>`
        SELECT named.id FROM (
          SELECT tenant_id, id, id AS request_id FROM requests WHERE tenant_id = ANY (${tenants}) AND id = ANY (${ids}::uuid[])
          UNION ALL
          SELECT tenant_id, id, request_id FROM acts WHERE tenant_id = ANY (${tenants}) AND id = ANY (${ids}::uuid[])
        ) AS named
        WHERE NOT request_is_shown(named.tenant_id, named.request_id, ${subject}, ${decides},
          named.tenant_id = ANY (${confirmsFor}::text[]))`.execute(tx),
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** At each tenant that it is about: who looked at how many payloads of which workflows, and what was refused. */
  private async record(actor: Actor, asked: readonly Asked[], isShown: (one: Asked) => boolean): Promise<void> {
    const tenants = [...new Set(asked.flatMap(({ tenant }) => tenant ?? []))];
    for (const tenant of tenants) {
      const own = asked.filter((one) => one.tenant === tenant);
      const shown = own.filter(isShown);
      // the engine is no tenant, and a made-up one has no record: both go to the caller's own
      const place = actor.sees.includes(tenant) ? tenant : actor.home;
      const workflows = [...new Set(own.map(({ workflowId }) => workflowId))]
        .filter((id) => WORKFLOW_ID.test(id))
        .slice(0, 20);
      await inTenants(this.database, [place], (tx) =>
        appendAudit(tx, place, {
          action: 'payload.decoded',
          actor: actor.subject,
          object: { kind: 'temporal_payloads', id: tenant },
          outcome: shown.length === own.length ? 'done' : 'denied',
          after: { shown: shown.length, refused: own.length - shown.length, workflows },
        }),
      );
    }
  }
}

function toAsked(wire: WirePayload): Asked {
  try {
    const place = placeOfPayload(fromWire(wire));
    return { wire, tenant: place?.tenant ?? null, workflowId: place?.workflowId ?? '' };
  } catch (error) {
    if (error instanceof PayloadInvalid) return { wire, tenant: null, workflowId: '' };
    throw error;
  }
}

/** The engine's own payloads are the MSP's. */
function maySee(actor: Actor, tenant: string): boolean {
  return actor.sees.includes(tenant === ENGINE_TENANT ? actor.home : tenant);
}

/** The UUID at the end of a workflow's id: a request's, or that of an act which began it. */
function requestIn(workflowId: string): string | null {
  return /\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/.exec(workflowId)?.[1] ?? null;
}
