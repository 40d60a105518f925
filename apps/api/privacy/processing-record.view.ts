import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ProcessingRecord } from '#libs/tenancy';
import { AgreementView, agreementView } from '../tenants/agreement.view.js';

@ApiSchema({ name: 'PartyContact' })
export class PartyContactView {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ type: String, nullable: true })
  readonly mail!: string | null;
  @ApiProperty({ type: String, nullable: true })
  readonly phone!: string | null;
}

@ApiSchema({ name: 'Party' })
export class PartyView {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: [PartyContactView], description: 'Management and data protection.' })
  readonly contacts!: PartyContactView[];
}

@ApiSchema({ name: 'SystemsOfKind' })
export class SystemsOfKindView {
  @ApiProperty()
  readonly kind!: string;
  @ApiProperty({ type: 'integer' })
  readonly count!: number;
}

@ApiSchema({ name: 'ProcessingRecord', description: 'The processor’s record of processing (GDPR Art. 30(2)).' })
export class ProcessingRecordView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ format: 'date-time' })
  readonly drawnAt!: string;
  @ApiProperty({ type: PartyView })
  readonly processor!: PartyView;
  @ApiProperty({ type: PartyView })
  readonly controller!: PartyView;
  @ApiProperty({ type: AgreementView, nullable: true })
  readonly agreement!: AgreementView | null;
  @ApiProperty({ type: [String] })
  readonly processes!: string[];
  @ApiProperty({ type: [SystemsOfKindView] })
  readonly systems!: SystemsOfKindView[];
  @ApiProperty({ type: [String], description: 'Countries outside the European Economic Area that data go to.' })
  readonly thirdCountries!: string[];
}

export function processingRecordView(record: ProcessingRecord): ProcessingRecordView {
  return {
    tenant: record.tenant,
    drawnAt: record.drawnAt.toISOString(),
    processor: { name: record.processor.name, contacts: [...record.processor.contacts] },
    controller: { name: record.controller.name, contacts: [...record.controller.contacts] },
    agreement: record.agreement ? agreementView(record.agreement) : null,
    processes: [...record.processes],
    systems: [...record.systems],
    thirdCountries: [...record.thirdCountries],
  };
}
