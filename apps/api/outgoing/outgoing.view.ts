import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  OUTGOING_PROTOCOLS,
  showPlace,
  type HostKeyRow,
  type OutgoingPolicy,
  type OutgoingProtocol,
  type StoredPolicy,
} from '#libs/platform/outgoing';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'OutgoingAllowance' })
export class AllowanceView {
  @ApiProperty()
  readonly to!: string;
  @ApiProperty({ type: [Number], nullable: true, description: 'Null: every port.' })
  readonly ports!: readonly number[] | null;
  @ApiProperty({ enum: OUTGOING_PROTOCOLS, isArray: true })
  readonly protocols!: readonly OutgoingProtocol[];
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty()
  readonly createdBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

@ApiSchema({ name: 'OutgoingPolicy', description: 'What a customer’s connections may reach.' })
export class OutgoingPolicyView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ enum: ['open', 'listed'] })
  readonly publicAddresses!: OutgoingPolicy['publicAddresses'];
  @ApiProperty({ type: [AllowanceView] })
  readonly allowances!: AllowanceView[];
  @ApiProperty({ type: String, nullable: true, description: 'Null while nobody set it.' })
  readonly setBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly setAt!: string | null;
}

@ApiSchema({ name: 'OutgoingPolicyPage' })
export class OutgoingPolicyPageView implements Page<OutgoingPolicyView> {
  @ApiProperty({ type: [OutgoingPolicyView] })
  readonly items!: OutgoingPolicyView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

@ApiSchema({ name: 'HostKey', description: 'A key that an SSH server showed, or that somebody trusts.' })
export class HostKeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty()
  readonly host!: string;
  @ApiProperty({ type: 'integer' })
  readonly port!: number;
  @ApiProperty()
  readonly fingerprint!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null until the server showed the key itself.' })
  readonly algorithm!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly firstSeenAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Null: nothing is sent to it.' })
  readonly trustedAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly trustedBy!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly reason!: string | null;
}

@ApiSchema({ name: 'HostKeyPage' })
export class HostKeyPageView implements Page<HostKeyView> {
  @ApiProperty({ type: [HostKeyView] })
  readonly items!: HostKeyView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function policyView({ allowances, setAt, ...policy }: StoredPolicy): OutgoingPolicyView {
  return {
    ...policy,
    allowances: allowances.map((one) => ({
      to: showPlace(one),
      ports: one.ports,
      protocols: one.protocols,
      reason: one.reason,
      createdBy: one.createdBy,
      createdAt: one.createdAt.toISOString(),
    })),
    setAt: setAt?.toISOString() ?? null,
  };
}

export function hostKeyView(row: HostKeyRow): HostKeyView {
  const { id, tenant_id: tenant, host, port, fingerprint, algorithm, reason } = row;
  return {
    ...{ id, tenant, host, port, fingerprint, algorithm },
    firstSeenAt: row.first_seen_at?.toISOString() ?? null,
    trustedAt: row.trusted_at?.toISOString() ?? null,
    trustedBy: row.trusted_by,
    reason,
  };
}
