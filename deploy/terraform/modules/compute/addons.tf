# What a cluster needs before anything of ours runs in it. Versions follow the cluster's.

locals {
  # Add-ons that speak to AWS: the service account they do it as, and the policy it needs.
  speaking = {
    vpc-cni = {
      service_account = "aws-node"
      policy          = "AmazonEKS_CNI_Policy"
    }
    amazon-cloudwatch-observability = {
      service_account = "cloudwatch-agent"
      policy          = "CloudWatchAgentServerPolicy"
    }
  }
}

resource "aws_iam_role" "addon" {
  for_each = local.speaking

  name = "currency-service-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = local.speaking

  role       = aws_iam_role.addon[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value.policy}"
}

# Before there are nodes: addresses of pods (and NetworkPolicies), and credentials for pods.
resource "aws_eks_addon" "network" {
  for_each = toset(["eks-pod-identity-agent", "kube-proxy", "vpc-cni"])

  cluster_name         = aws_eks_cluster.main.name
  addon_name           = each.key
  configuration_values = each.key == "vpc-cni" ? jsonencode({ enableNetworkPolicy = "true" }) : null

  dynamic "pod_identity_association" {
    for_each = [for name, addon in local.speaking : addon if name == each.key]

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addon[each.key].arn
    }
  }
}

# On nodes: names, figures for autoscaling, logs.
resource "aws_eks_addon" "running" {
  for_each = {
    coredns        = null
    metrics-server = null
    amazon-cloudwatch-observability = jsonencode({
      # Fluent Bit alone is wanted, which starts with the agent's certificates only. With `kubernetes` here, enhanced
      # or not, Container Insights would measure what costs more than these workers; theirs is in their logs.
      agent = { config = { logs = { metrics_collected = { emf = {} } } } }
      containerLogs = {
        fluentBit = {
          config = {
            extraFiles = {
              "application-log.conf" = file("${path.module}/application-log.conf")
              # Of the machines themselves EKS's own logs tell enough.
              "dataplane-log.conf" = "# nothing\n"
              "host-log.conf"      = "# nothing\n"
            }
          }
        }
      }
    })
  }

  cluster_name         = aws_eks_cluster.main.name
  addon_name           = each.key
  configuration_values = each.value

  dynamic "pod_identity_association" {
    for_each = [for name, addon in local.speaking : addon if name == each.key]

    content {
      service_account = pod_identity_association.value.service_account
      role_arn        = aws_iam_role.addon[each.key].arn
    }
  }

  depends_on = [aws_eks_node_group.main]
}
