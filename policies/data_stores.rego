# In a protected account nothing that holds data is destroyed or replaced by the way. Whoever means it takes the
# protection off for one change, or destroys it by hand after a backup.
package groundwork.data_stores

import rego.v1

holds_data := {
	"aws_s3_bucket",
	"aws_db_instance",
	"aws_rds_cluster",
	"aws_dynamodb_table",
	"aws_efs_file_system",
	"aws_ebs_volume",
	"aws_elasticache_replication_group",
	"aws_opensearch_domain",
	"aws_redshift_cluster",
	"aws_docdb_cluster",
	"aws_neptune_cluster",
	"aws_kinesis_stream",
	"aws_sqs_queue",
	"aws_kms_key",
	"aws_secretsmanager_secret",
	"aws_backup_vault",
	"aws_cloudwatch_log_group",
}

deny contains {"msg": msg, "address": resource.address} if {
	input.protected
	some resource in input.resource_changes
	"delete" in resource.change.actions
	resource.type in holds_data
	msg := sprintf("%s holds data, and %s is protected", [resource.address, input.account])
}
