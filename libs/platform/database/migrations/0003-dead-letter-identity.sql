-- A Kafka whose data was lost counts its offsets from the start: the same place may hold another record. The content tells
-- them apart, so that a new dead letter is not taken for a repeat of an old one.
ALTER TABLE dead_letters ADD COLUMN content_hash bytea GENERATED ALWAYS AS (sha256(coalesce(value, ''::bytea))) STORED;
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_topic_partition_kafka_offset_key;
ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_place UNIQUE (topic, partition, kafka_offset, content_hash);
