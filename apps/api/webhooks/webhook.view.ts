import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { AttemptRow, DeliveryRow, SubscriptionRow } from '#libs/webhooks';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'Webhook', description: 'Who is told of which events, by Standard Webhooks.' })
export class WebhookView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly url!: string;
  @ApiProperty({ type: [String] })
  readonly eventTypes!: readonly string[];
  @ApiProperty({ type: String, nullable: true })
  readonly description!: string | null;
  @ApiProperty()
  readonly enabled!: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['person', 'gone', 'failing', null],
    description: '`gone`: its receiver answered 410; `failing`: it took nothing for days.',
  })
  readonly disabledBecause!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly failingSince!: string | null;
  @ApiProperty()
  readonly createdBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

@ApiSchema({ name: 'CreatedWebhook' })
export class CreatedWebhookView extends WebhookView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Shown once: `whsec_…`. Null when the same call is repeated; rotate it then.',
  })
  readonly secret!: string | null;
}

@ApiSchema({ name: 'WebhookSecret' })
export class WebhookSecretView {
  @ApiProperty({ description: 'Shown once: `whsec_…`.' })
  readonly secret!: string;
}

@ApiSchema({ name: 'WebhookPage' })
export class WebhookPageView implements Page<WebhookView> {
  @ApiProperty({ type: [WebhookView] })
  readonly items!: WebhookView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'WebhookAttempt' })
export class WebhookAttemptView {
  @ApiProperty({ type: 'integer' })
  readonly attempt!: number;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'The receiver’s answer; null: none came.' })
  readonly status!: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'Why none came.' })
  readonly code!: string | null;
  @ApiProperty({ type: 'integer' })
  readonly durationMs!: number;
}

@ApiSchema({ name: 'WebhookDelivery', description: 'One message to one receiver.' })
export class WebhookDeliveryView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'uuid' })
  readonly webhookId!: string;
  @ApiProperty({ description: 'The header `webhook-id`: the same whenever this message is sent.' })
  readonly messageId!: string;
  @ApiProperty()
  readonly eventType!: string;
  @ApiProperty({ format: 'uuid' })
  readonly eventId!: string;
  @ApiProperty({ enum: ['event', 'test', 'redelivery'] })
  readonly reason!: string;
  @ApiProperty({ enum: ['pending', 'delivered', 'failed'] })
  readonly status!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Why it failed, or failed last.' })
  readonly code!: string | null;
  @ApiProperty({ type: [WebhookAttemptView] })
  readonly attempts!: WebhookAttemptView[];
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly nextTryAt!: string | null;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly endedAt!: string | null;
}

@ApiSchema({ name: 'WebhookDeliveryPage' })
export class WebhookDeliveryPageView implements Page<WebhookDeliveryView> {
  @ApiProperty({ type: [WebhookDeliveryView] })
  readonly items!: WebhookDeliveryView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function webhookView(row: SubscriptionRow): WebhookView {
  return {
    ...{ id: row.id, tenant: row.tenant_id, url: row.url, eventTypes: row.event_types, description: row.description },
    enabled: row.disabled_because === null,
    disabledBecause: row.disabled_because,
    failingSince: row.failing_since?.toISOString() ?? null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

export function deliveryView(row: DeliveryRow, attempts: readonly AttemptRow[]): WebhookDeliveryView {
  return {
    ...{ id: row.id, webhookId: row.subscription_id, messageId: row.message_id, eventType: row.event_type },
    ...{ eventId: row.event_id, reason: row.reason, status: row.status, code: row.code },
    attempts: attempts
      .filter((one) => one.delivery_id === row.id)
      .map(({ attempt, at, status, code, duration_ms: durationMs }) => ({
        ...{ attempt, at: at.toISOString(), status, code, durationMs },
      })),
    nextTryAt: row.next_try_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}
