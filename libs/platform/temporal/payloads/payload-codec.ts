import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { AppError } from '#libs/kernel';
import { decrypt, encrypt, ENGINE_TENANT, type PayloadKey, type PayloadKeys } from '../../secrets/index.js';

const { Payload: WirePayload } = proto.temporal.api.common.v1;

const ENCODING = 'encoding';
/** As Temporal's own tools name what only a codec reads. */
const ENCRYPTED = 'binary/encrypted';
/** `<tenant>/<version>` of the key. */
const KEY = 'stellwerk-key';
/** The id of the workflow that it was encrypted for, where the SDK named one. */
const WORKFLOW = 'stellwerk-workflow';

const ENCRYPTED_BYTES = Buffer.from(ENCRYPTED);

/** A payload is damaged, forged, or of another tenant than the workflow it stands in. */
export class PayloadInvalid extends AppError {
  readonly code = 'payload.invalid';
  readonly title = 'A payload does not open';
  readonly kind = 'invalid';
}

/**
 * Encrypts payloads by the key of the workflow's tenant (AES-256-GCM; a random nonce for each). Whose they are is the first
 * part of the workflow's id, as the SDK names it; the engine's own have a key of their own. Payloads that are not encrypted,
 * such as those in histories from before, pass as they are.
 */
export class TenantPayloadCodec implements PayloadCodec {
  constructor(private readonly keys: PayloadKeys) {}

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    if (payloads.length === 0) return payloads;
    const key = await this.keys.current(tenantOf(context?.workflowId));
    return payloads.map((payload) => seal(payload, key, context?.workflowId ?? ''));
  }

  /** Throws `PayloadInvalid`, `PayloadKeyMissing` or `PayloadKeyUnavailable`. */
  decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.decodeOne(payload, context)));
  }

  private async decodeOne(payload: Payload, context?: SerializationContext): Promise<Payload> {
    const place = placeOfPayload(payload);
    if (place === null) return payload;
    const asked = context?.workflowId === undefined ? place.tenant : tenantOf(context.workflowId);
    if (place.tenant !== asked && place.tenant !== ENGINE_TENANT)
      throw new PayloadInvalid(`A payload of ${place.tenant} stands in a workflow of ${asked}. It is not opened.`);
    return open(payload, await this.keys.find(place.tenant, place.version), place.workflowId);
  }
}

/** Where an encrypted payload belongs. */
export interface PayloadPlace {
  readonly tenant: string;
  /** Of the tenant's key. */
  readonly version: number;
  /** Empty where it was encrypted for none. */
  readonly workflowId: string;
}

/** What an encrypted payload says of itself, proven only once it opens; null when it is not encrypted. Throws `PayloadInvalid`. */
export function placeOfPayload({ metadata }: Payload): PayloadPlace | null {
  if (!metadata?.[ENCODING] || Buffer.compare(metadata[ENCODING], ENCRYPTED_BYTES) !== 0) return null;
  const [, tenant, version] = /^([a-z][a-z0-9-]{1,39})\/([1-9]\d{0,8})$/.exec(textOf(metadata[KEY])) ?? [];
  if (tenant === undefined) throw new PayloadInvalid('An encrypted payload does not say which key of ours it is by.');
  return { tenant, version: Number(version), workflowId: textOf(metadata[WORKFLOW]) };
}

/** Whose a workflow is, by its id `<tenant>/<process>/<id>`. What has another form is the engine's. */
export function tenantOf(workflowId: string | undefined): string {
  return /^([a-z][a-z0-9-]{1,39})\//.exec(workflowId ?? '')?.[1] ?? ENGINE_TENANT;
}

function seal(payload: Payload, key: PayloadKey, workflowId: string): Payload {
  const bytes = Buffer.from(WirePayload.encode(payload).finish());
  return {
    metadata: {
      [ENCODING]: ENCRYPTED_BYTES,
      [KEY]: Buffer.from(`${key.tenant}/${key.version}`),
      ...(workflowId === '' ? {} : { [WORKFLOW]: Buffer.from(workflowId) }),
    },
    data: encrypt(key.bytes, bytes, boundTo(key, workflowId)),
  };
}

function open({ data }: Payload, key: PayloadKey, workflowId: string): Payload {
  try {
    return WirePayload.decode(decrypt(key.bytes, Buffer.from(data ?? []), boundTo(key, workflowId)));
  } catch (cause) {
    throw new PayloadInvalid(`A payload of ${key.tenant} does not open: it is damaged or forged.`, { cause });
  }
}

function boundTo({ tenant, version }: PayloadKey, workflowId: string): Buffer {
  return Buffer.from(`payload ${tenant}/${version}${workflowId === '' ? '' : ` ${workflowId}`}`);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
