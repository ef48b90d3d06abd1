terraform {
  # 1.11: write-only arguments keep passwords out of the state, and S3 locks the state by itself.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62"
    }
  }

  # Where the state lies differs by environment: terraform init -backend-config=environments/prod.s3.tfbackend
  backend "s3" {}
}

provider "aws" {
  region = var.region
  # Whoever is logged in to the other environment's account changes nothing there.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}
