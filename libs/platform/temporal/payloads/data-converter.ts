import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { PayloadKeys } from '../../secrets/index.js';
import { TenantPayloadCodec } from './payload-codec.js';

/** The file that the bundle of workflows takes its failure converter from. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('./failure-converter.cjs', import.meta.url));

/** How clients and workers write to Temporal: everything encrypted by the tenant's key, messages of failures included. */
export function encryptedPayloads(keys: PayloadKeys): DataConverter {
  return { payloadCodecs: [new TenantPayloadCodec(keys)], failureConverterPath: FAILURE_CONVERTER };
}
