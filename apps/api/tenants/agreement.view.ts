import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { AgreementRow } from '#libs/tenancy';
import { DataLocationDto, SubProcessorDto } from './agreement.dto.js';

@ApiSchema({ name: 'Agreement', description: 'A version of a customer’s data processing agreement.' })
export class AgreementView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty({ description: 'Whether it is the one in force.' })
  readonly inForce!: boolean;
  @ApiProperty({ format: 'date' })
  readonly signedOn!: string;
  @ApiProperty()
  readonly signedBy!: string;
  @ApiProperty()
  readonly signedForUsBy!: string;
  @ApiProperty()
  readonly documentReference!: string;
  @ApiProperty()
  readonly documentSha256!: string;
  @ApiProperty({ type: [SubProcessorDto] })
  readonly subProcessors!: SubProcessorDto[];
  @ApiProperty({ type: [DataLocationDto] })
  readonly dataLocations!: DataLocationDto[];
  @ApiProperty({ type: [String] })
  readonly subjectCategories!: string[];
  @ApiProperty({ type: [String] })
  readonly dataCategories!: string[];
  @ApiProperty()
  readonly measuresReference!: string;
  @ApiProperty()
  readonly recordedBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly recordedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly endedAt!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly endReason!: string | null;
}

@ApiSchema({ name: 'AgreementList', description: 'The newest first.' })
export class AgreementListView {
  @ApiProperty({ type: [AgreementView] })
  readonly items!: AgreementView[];
}

export function agreementView(row: AgreementRow): AgreementView {
  return {
    tenant: row.tenant_id,
    version: row.version,
    inForce: row.ended_at === null,
    signedOn: row.signed_on,
    signedBy: row.signed_by,
    signedForUsBy: row.signed_for_us_by,
    documentReference: row.document_reference,
    documentSha256: row.document_sha256,
    subProcessors: row.sub_processors.map((one) => ({ ...one })),
    dataLocations: row.data_locations.map((one) => ({ ...one })),
    subjectCategories: [...row.subject_categories],
    dataCategories: [...row.data_categories],
    measuresReference: row.measures_reference,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endReason: row.end_reason,
  };
}
