import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { ApiKeyRotationDto, NewApiKeyDto } from './api-key.dto.js';
import { ApiKeyEnded, ApiKeyNotFound, ApiKeyOfLeaver, ApiKeyTooPowerful } from './api-key.errors.js';
import { ApiKeyPageView, ApiKeyView, MadeApiKeyView } from './api-key.view.js';
import { ApiKeys, tenantOfApiKey } from './api-keys.js';

@ApiTags('API keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Get()
  @ApiOperation({ summary: 'Lists API keys, the newest first', operationId: 'listApiKeys' })
  @ApiOkResponse({ type: ApiKeyPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('api_key.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<ApiKeyPageView> {
    return this.keys.list(actor, query);
  }

  @Post()
  @ApiOperation({ summary: 'Makes an API key and shows it once', operationId: 'createApiKey' })
  @ApiCreatedResponse({ type: MadeApiKeyView })
  @MayAnswer(ApiKeyTooPowerful)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('api_key.write')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: NewApiKeyDto,
  ): Promise<MadeApiKeyView> {
    return this.keys.create(call, writer, body);
  }

  @Post(':id/rotate')
  @ApiOperation({ summary: 'Makes a key’s successor; both hold for a while', operationId: 'rotateApiKey' })
  @ApiCreatedResponse({ type: MadeApiKeyView })
  @MayAnswer(InvalidId, ApiKeyNotFound, ApiKeyEnded, ApiKeyTooPowerful, ApiKeyOfLeaver)
  @TakesJson()
  @Creates()
  @WritesForTenantOf(tenantOfApiKey)
  @RequiresPermission('api_key.write')
  rotate(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: ApiKeyRotationDto,
  ): Promise<MadeApiKeyView> {
    return this.keys.rotate(call, writer, id, body);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Ends a key at once', operationId: 'revokeApiKey' })
  @ApiOkResponse({ type: ApiKeyView })
  @MayAnswer(InvalidId, ApiKeyNotFound)
  @WritesForTenantOf(tenantOfApiKey)
  @RequiresPermission('api_key.write')
  revoke(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<ApiKeyView> {
    return this.keys.revoke(writer, id);
  }
}
