import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { LIMIT_NAMES, type LimitName, type RateName, type SlotName, type StoredLimits } from '#libs/platform/limits';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'Limit' })
export class LimitView {
  @ApiProperty({ enum: LIMIT_NAMES })
  readonly name!: LimitName;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Calls a second in the long run; null of calls under way.',
  })
  readonly perSecond!: number | null;
  @ApiProperty({ type: 'integer', description: 'Calls in one go, or under way at once.' })
  readonly most!: number;
  @ApiProperty({ description: 'Set for this tenant; false: as usual.' })
  readonly own!: boolean;
}

@ApiSchema({ name: 'TenantLimits', description: 'How often a tenant’s people and keys may call.' })
export class TenantLimitsView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: [LimitView] })
  readonly limits!: LimitView[];
  @ApiProperty({ type: String, nullable: true, description: 'Null while the usual limits hold.' })
  readonly setBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly setAt!: string | null;
}

@ApiSchema({ name: 'TenantLimitsPage' })
export class TenantLimitsPageView implements Page<TenantLimitsView> {
  @ApiProperty({ type: [TenantLimitsView] })
  readonly items!: TenantLimitsView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function limitsView({ tenant, limits, own, setBy, setAt }: StoredLimits): TenantLimitsView {
  const view = (name: LimitName): LimitView => {
    const isOwn = own.includes(name);
    if (name in limits.slots) return { name, perSecond: null, most: limits.slots[name as SlotName], own: isOwn };
    return { name, ...limits.rates[name as RateName], own: isOwn };
  };
  return { tenant, limits: LIMIT_NAMES.map(view), setBy, setAt: setAt?.toISOString() ?? null };
}
