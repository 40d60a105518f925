import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import { PayloadKeyUnavailable } from '#libs/platform/secrets';
import { RequiresPermission } from '../access/access.decorators.js';
import { CurrentActor } from '../access/caller.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { DecodePayloads } from './decode-payloads.js';
import { NamespaceUnknown } from './temporal-codec.errors.js';
import { parseWirePayloads, type WirePayload } from './wire-payloads.js';

const BASE64 = { type: 'string' };
const PAYLOADS = {
  type: 'object',
  required: ['payloads'],
  properties: {
    payloads: {
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        properties: { metadata: { type: 'object', additionalProperties: BASE64 }, data: BASE64 },
      },
    },
  },
};

/** Temporal's remote codec protocol, of which people who look need one half. */
@ApiTags('Temporal')
@Controller('v1/temporal/codec')
export class TemporalCodecController {
  constructor(private readonly decodePayloads: DecodePayloads) {}

  @Post('decode')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Decodes payloads for the Temporal UI; what one may not see stays encrypted',
    operationId: 'decodePayloads',
  })
  @ApiHeader({ name: 'X-Namespace', required: false, schema: { type: 'string' } })
  @ApiBody({ schema: PAYLOADS })
  @ApiOkResponse({ schema: PAYLOADS })
  @MayAnswer(NamespaceUnknown, PayloadKeyUnavailable)
  @TakesJson()
  @RequiresPermission('codec.decode')
  async decode(
    @CurrentActor() actor: Actor,
    @Headers('x-namespace') namespace: string | undefined,
    @Body() body: Record<string, unknown>,
  ): Promise<{ payloads: WirePayload[] }> {
    return { payloads: await this.decodePayloads.execute(actor, namespace, parseWirePayloads(body)) };
  }
}
