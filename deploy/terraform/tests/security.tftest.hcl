# Keys, secrets' names and roles, as both environments are planned to have them. What the policies say is held against
# the code in tests/deploy/test_roles.py; here, that the names in them are the right ones.

variables {
  account_id        = "111111111111"
  region            = "ap-northeast-2"
  github_repository = "example/currency-travel-service"
  buckets           = { archive = "archive", static = "static", zappa = "zappa", logs = "logs" }
  queues            = { ranking = "ranking-queue", data = "data-queue", dead = "dead-queue" }
  tables            = { selections = "selections", results = "results" }
  repositories      = { web = "web", worker = "worker" }
  cluster_name      = "currency-service"
  kafka_name        = "events"
  database_user     = "service"
}

run "prod" {
  command = plan

  module {
    source = "./modules/security"
  }

  variables {
    stage         = "prod"
    function_name = "currency-service-prod"
  }

  # ---- keys -----------------------------------------------------------------------------------

  assert {
    condition     = alltrue([for key in [aws_kms_key.data, aws_kms_key.messages, aws_kms_key.logs] : key.enable_key_rotation])
    error_message = "Every key is rotated."
  }

  assert {
    condition = toset([for alias in aws_kms_alias.this : alias.name]) == toset([
      "alias/currency-service-data", "alias/currency-service-messages", "alias/currency-service-logs",
    ])
    error_message = "Policies find keys by these aliases."
  }

  assert {
    condition     = [for s in jsondecode(aws_kms_key.messages.policy).Statement : s.Principal.Service if can(s.Principal.Service)] == ["cloudwatch.amazonaws.com"]
    error_message = "Alarms reach the encrypted topic, and no other service uses the key."
  }

  assert {
    condition     = [for s in jsondecode(aws_kms_key.logs.policy).Statement : s.Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] if can(s.Principal.Service)] == ["arn:aws:logs:ap-northeast-2:111111111111:*"]
    error_message = "CloudWatch encrypts log groups of this account alone."
  }

  # ---- secrets --------------------------------------------------------------------------------

  assert {
    condition = toset([for parameter in aws_ssm_parameter.secret : parameter.name]) == toset([
      "/currency-service/SECRET_KEY", "/currency-service/SECRET_KEY_FALLBACKS",
      "/currency-service/DATABASE_URL", "/currency-service/DATABASE_REPLICA_URL", "/currency-service/CACHE_URL",
      "/currency-service/ENCRYPTION_KEYS", "/currency-service/VISITOR_KEY",
      "/currency-service/PROVIDER_ECOS_API_KEY", "/currency-service/PROVIDER_EXIMBANK_API_KEY",
      "/currency-service/PROVIDER_FRED_API_KEY",
    ])
    error_message = "Ten secrets: one page of GetParametersByPath."
  }

  assert {
    condition = alltrue([
      for parameter in aws_ssm_parameter.secret :
      parameter.type == "SecureString" && parameter.key_id == "alias/currency-service-data" && parameter.value_wo_version == 1
    ])
    error_message = "Encrypted with the key of data, by a write-only value that is written once."
  }

  # ---- roles ----------------------------------------------------------------------------------

  assert {
    condition     = jsondecode(aws_iam_role.lambda.assume_role_policy).Statement[0].Principal == { Service = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] }
    error_message = "The function is its role's, and API Gateway invokes it through the role: Zappa's integrations name it."
  }

  assert {
    condition = { for name, role in aws_iam_role.pod : name => jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals } == {
      worker = {
        "aws:RequestTag/eks-cluster-name"           = "currency-service"
        "aws:RequestTag/kubernetes-namespace"       = "currency-service"
        "aws:RequestTag/kubernetes-service-account" = "worker"
      }
      beat = {
        "aws:RequestTag/eks-cluster-name"           = "currency-service"
        "aws:RequestTag/kubernetes-namespace"       = "currency-service"
        "aws:RequestTag/kubernetes-service-account" = "beat"
      }
      migrate = {
        "aws:RequestTag/eks-cluster-name"           = "currency-service"
        "aws:RequestTag/kubernetes-namespace"       = "currency-service"
        "aws:RequestTag/kubernetes-service-account" = "migrate"
      }
      autoscaler = {
        "aws:RequestTag/eks-cluster-name"           = "currency-service"
        "aws:RequestTag/kubernetes-namespace"       = "keda"
        "aws:RequestTag/kubernetes-service-account" = "keda-operator"
      }
    }
    error_message = "Each role is for the pods of one service account, in one cluster."
  }

  assert {
    condition = [for s in output.policies["worker"] : s.Resource if s.Sid == "WorkOffQueuesAndDeadLetters"][0] == [
      "arn:aws:sqs:ap-northeast-2:111111111111:ranking-queue",
      "arn:aws:sqs:ap-northeast-2:111111111111:data-queue",
      "arn:aws:sqs:ap-northeast-2:111111111111:dead-queue",
    ]
    error_message = "Queues are told by the names given."
  }

  assert {
    condition = [for s in output.policies["lambda"] : s.Resource if s.Sid == "KeepSelectionsAndRankings"][0] == [
      "arn:aws:dynamodb:ap-northeast-2:111111111111:table/selections",
      "arn:aws:dynamodb:ap-northeast-2:111111111111:table/selections/index/*",
      "arn:aws:dynamodb:ap-northeast-2:111111111111:table/results",
    ]
    error_message = "Tables are told by the names given."
  }

  assert {
    condition     = [for s in output.policies["lambda"] : s.Resource if s.Sid == "BeInvokedByApiGateway"] == ["arn:aws:lambda:ap-northeast-2:111111111111:function:currency-service-prod:live"]
    error_message = "API Gateway invokes what is live."
  }

  assert {
    condition     = [for s in output.policies["worker"] : s.Resource if s.Sid == "SendThemToOurTopics"] == ["arn:aws:kafka:ap-northeast-2:111111111111:topic/events/*/currency.*"]
    error_message = "Events go to topics of ours, in our cluster."
  }

  assert {
    condition     = alltrue([for role in ["lambda", "worker", "beat", "migrate"] : contains([for s in output.policies[role] : s.Resource], "arn:aws:rds-db:ap-northeast-2:111111111111:dbuser:*/service")])
    error_message = "Whoever needs the database enters it as the user given."
  }

  # ---- GitHub's workflows ---------------------------------------------------------------------

  assert {
    condition = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Condition.StringEquals == {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = "repo:example/currency-travel-service:environment:production"
    }
    error_message = "Production is entered from the environment that somebody approves, and by no branch or tag."
  }

  assert {
    condition     = aws_iam_openid_connect_provider.github.url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github.client_id_list == toset(["sts.amazonaws.com"])
    error_message = "Workflows come by GitHub's identity, without a key."
  }
}

run "staging" {
  command = plan

  module {
    source = "./modules/security"
  }

  variables {
    stage         = "staging"
    function_name = "currency-service-staging"
  }

  assert {
    condition     = jsondecode(aws_iam_role.ci.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/currency-travel-service:environment:staging"
    error_message = "Staging is entered from its own environment."
  }

  assert {
    condition     = [for s in output.policies["lambda"] : s.Resource if s.Sid == "BeInvokedByApiGateway"] == ["arn:aws:lambda:ap-northeast-2:111111111111:function:currency-service-staging:live"]
    error_message = "Staging's function has another name."
  }

  assert {
    condition     = length(aws_ssm_parameter.secret) == 10 && length(aws_iam_role.pod) == 4 && length(aws_kms_alias.this) == 3
    error_message = "Staging has the same secrets, roles and keys."
  }
}
