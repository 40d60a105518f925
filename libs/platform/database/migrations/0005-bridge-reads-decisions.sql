-- Whoever may write to Kafka can write an approval. The bridge therefore compares each decision with ours before it
-- tells a workflow.
GRANT SELECT ON decisions TO stellwerk_bridge;
