import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayUnique, IsArray, IsEmail, IsOptional } from 'class-validator';
import { IsLine, IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'Reinstate', description: 'A request to take back what a run did.' })
export class ReinstateDto {
  @ApiPropertyOptional({
    type: [String],
    maxItems: 500,
    description: 'Fields (`<step>:<field>`) that others changed since and that shall be brought back all the same.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsLine(1000, { each: true })
  readonly overwrite?: string[];

  @ApiPropertyOptional({
    type: [String],
    format: 'email',
    maxItems: 10,
    example: ['jana.keller@privat.example'],
    description:
      'Who gets the new password, by a mail with one link that works once within 72 hours. Without it nobody can read the password.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsEmail({}, { each: true })
  readonly passwordTo?: string[];

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}
