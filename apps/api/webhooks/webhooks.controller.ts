import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Actor } from '#libs/platform/access';
import type { CallKey } from '#libs/platform/idempotency';
import { TooManyWebhooks, WebhookDeliveryNotFound, WebhookDeliveryPending, WebhookNotFound } from '#libs/webhooks';
import { RequiresPermission, WritesForTenant, WritesForTenantOf } from '../access/access.decorators.js';
import { TenantNotFound } from '../access/access.errors.js';
import { CurrentActor, CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidCursor, InvalidId, InvalidQuery } from '../http/http.errors.js';
import { IdPipe } from '../http/id.pipe.js';
import { Creates, IdempotentCall } from '../http/idempotent-call.decorator.js';
import { CursorQuery, ListQuery } from '../http/page.query.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { tenantOfDelivery, tenantOfWebhook, WebhookDesk } from './webhook-desk.js';
import { CreateWebhookDto, PutWebhookDto, RotateSecretDto } from './webhook.dto.js';
import {
  CreatedWebhookView,
  WebhookDeliveryPageView,
  WebhookDeliveryView,
  WebhookPageView,
  WebhookSecretView,
  WebhookView,
} from './webhook.view.js';

@ApiTags('Webhooks')
@Controller('v1')
export class WebhooksController {
  constructor(private readonly desk: WebhookDesk) {}

  @Post('webhooks')
  @ApiOperation({ summary: 'Has a receiver told of events; shows its secret once', operationId: 'createWebhook' })
  @ApiCreatedResponse({ type: CreatedWebhookView })
  @MayAnswer(TooManyWebhooks)
  @TakesJson()
  @Creates()
  @WritesForTenant()
  @RequiresPermission('webhook.write')
  create(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Body() body: CreateWebhookDto,
  ): Promise<CreatedWebhookView> {
    return this.desk.create(call, writer, body);
  }

  @Get('webhooks')
  @ApiOperation({ summary: 'Lists webhooks', operationId: 'listWebhooks' })
  @ApiOkResponse({ type: WebhookPageView })
  @MayAnswer(InvalidQuery, InvalidCursor, TenantNotFound)
  @RequiresPermission('webhook.read')
  list(@CurrentActor() actor: Actor, @Query() query: ListQuery): Promise<WebhookPageView> {
    return this.desk.list(actor, query);
  }

  @Get('webhooks/:id')
  @ApiOperation({ summary: 'Shows a webhook', operationId: 'getWebhook' })
  @ApiOkResponse({ type: WebhookView })
  @MayAnswer(InvalidId, WebhookNotFound)
  @RequiresPermission('webhook.read')
  one(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<WebhookView> {
    return this.desk.one(actor, id);
  }

  @Put('webhooks/:id')
  @ApiOperation({ summary: 'Changes a webhook, or switches it on or off', operationId: 'putWebhook' })
  @ApiOkResponse({ type: WebhookView })
  @MayAnswer(InvalidId, WebhookNotFound)
  @TakesJson()
  @WritesForTenantOf(tenantOfWebhook)
  @RequiresPermission('webhook.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() body: PutWebhookDto,
  ): Promise<WebhookView> {
    return this.desk.put(writer, id, body);
  }

  @Delete('webhooks/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a webhook with its deliveries', operationId: 'deleteWebhook' })
  @ApiNoContentResponse()
  @MayAnswer(InvalidId, WebhookNotFound)
  @WritesForTenantOf(tenantOfWebhook)
  @RequiresPermission('webhook.write')
  remove(@CurrentWriter() writer: Writer, @Param('id', IdPipe) id: string): Promise<void> {
    return this.desk.remove(writer, id);
  }

  @Post('webhooks/:id/rotate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Draws another secret and shows it once', operationId: 'rotateWebhookSecret' })
  @ApiOkResponse({ type: WebhookSecretView })
  @MayAnswer(InvalidId, WebhookNotFound)
  @TakesJson()
  @WritesForTenantOf(tenantOfWebhook)
  @RequiresPermission('webhook.write')
  rotate(
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
    @Body() { overlapHours }: RotateSecretDto,
  ): Promise<WebhookSecretView> {
    return this.desk.rotate(writer, id, overlapHours);
  }

  @Post('webhooks/:id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends a message that tells nothing', operationId: 'testWebhook' })
  @ApiAcceptedResponse({ type: WebhookDeliveryView })
  @MayAnswer(InvalidId, WebhookNotFound)
  @Creates()
  @WritesForTenantOf(tenantOfWebhook)
  @RequiresPermission('webhook.write')
  test(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
  ): Promise<WebhookDeliveryView> {
    return this.desk.test(call, writer, id);
  }

  @Get('webhooks/:id/deliveries')
  @ApiOperation({ summary: 'Lists messages to a receiver, the newest first', operationId: 'listWebhookDeliveries' })
  @ApiOkResponse({ type: WebhookDeliveryPageView })
  @MayAnswer(InvalidId, InvalidQuery, InvalidCursor, WebhookNotFound)
  @RequiresPermission('webhook.read')
  deliveries(
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Query() query: CursorQuery,
  ): Promise<WebhookDeliveryPageView> {
    return this.desk.deliveries(actor, id, query);
  }

  @Post('webhook-deliveries/:id/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends a message again, under the same id', operationId: 'redeliverWebhook' })
  @ApiAcceptedResponse({ type: WebhookDeliveryView })
  @MayAnswer(InvalidId, WebhookDeliveryNotFound, WebhookDeliveryPending)
  @Creates()
  @WritesForTenantOf(tenantOfDelivery)
  @RequiresPermission('webhook.write')
  redeliver(
    @IdempotentCall() call: CallKey,
    @CurrentWriter() writer: Writer,
    @Param('id', IdPipe) id: string,
  ): Promise<WebhookDeliveryView> {
    return this.desk.redeliver(call, writer, id);
  }
}
