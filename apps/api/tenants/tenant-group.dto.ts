import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray } from 'class-validator';
import type { TenantGroup } from '#libs/tenancy';
import type { Page } from '../http/cursor.js';
import { IsLine } from '../http/text.decorators.js';
import { Version } from './tenant.dto.js';

const MOST = 10_000;

@ApiSchema({ name: 'TenantGroupToCreate' })
export class TenantGroupDto {
  @ApiProperty({ maxLength: 200, example: 'Region Nord' })
  @IsLine(200)
  readonly name!: string;

  @ApiProperty({ type: [String], uniqueItems: true, maxItems: MOST, description: 'Ids of customers.' })
  @IsArray()
  @ArrayMaxSize(MOST)
  @ArrayUnique()
  @IsLine(40, { each: true })
  readonly members!: string[];
}

@ApiSchema({ name: 'TenantGroupToReplace' })
export class TenantGroupChangeDto extends TenantGroupDto {
  @Version()
  readonly version!: number;
}

@ApiSchema({ name: 'TenantGroup', description: 'Customers that a role can be granted for together.' })
export class TenantGroupView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: [String], description: 'Those that you see.' })
  readonly members!: string[];
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
}

@ApiSchema({ name: 'TenantGroupPage' })
export class TenantGroupPageView implements Page<TenantGroupView> {
  @ApiProperty({ type: [TenantGroupView] })
  readonly items!: TenantGroupView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

/** The group as somebody sees it who sees these tenants. */
export function tenantGroupView({ id, name, members, version }: TenantGroup, seen: readonly string[]): TenantGroupView {
  return { id, name, members: members.filter((member) => seen.includes(member)), version };
}
