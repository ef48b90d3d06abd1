# The tables of the ranking stores. tables.json is what the service itself would give to CreateTable
# (ranking/stores/dynamodb_tables.py); a test compares the two.

locals {
  tables = { for table in jsondecode(file("${path.module}/tables.json")) : table.TableName => table }
  # Seconds since 1970 after which an item goes by itself. Results are overwritten, never outlived.
  expiring = { travel_destination_selections = "expires_at" }
}

resource "aws_dynamodb_table" "main" {
  #checkov:skip=CKV2_AWS_16: On demand: there is no capacity to scale. The check does not read tables.json.
  for_each = local.tables

  name                        = each.key
  billing_mode                = each.value.BillingMode
  hash_key                    = one([for key in each.value.KeySchema : key.AttributeName if key.KeyType == "HASH"])
  range_key                   = one([for key in each.value.KeySchema : key.AttributeName if key.KeyType == "RANGE"])
  deletion_protection_enabled = var.protect_data

  dynamic "attribute" {
    for_each = each.value.AttributeDefinitions

    content {
      name = attribute.value.AttributeName
      type = attribute.value.AttributeType
    }
  }

  dynamic "global_secondary_index" {
    for_each = try(each.value.GlobalSecondaryIndexes, [])

    content {
      name               = global_secondary_index.value.IndexName
      projection_type    = global_secondary_index.value.Projection.ProjectionType
      non_key_attributes = global_secondary_index.value.Projection.NonKeyAttributes

      dynamic "key_schema" {
        for_each = global_secondary_index.value.KeySchema

        content {
          attribute_name = key_schema.value.AttributeName
          key_type       = key_schema.value.KeyType
        }
      }
    }
  }

  dynamic "ttl" {
    for_each = [for table, attribute in local.expiring : attribute if table == each.key]

    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 35
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.data_key_arn
  }
}
