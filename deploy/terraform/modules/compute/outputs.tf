output "cluster" {
  value = aws_eks_cluster.main
}

output "nodes" {
  value = aws_eks_node_group.main
}

output "addons" {
  value = merge(aws_eks_addon.network, aws_eks_addon.running)
}

output "pod_identities" {
  value = aws_eks_pod_identity_association.main
}

output "repositories" {
  value = aws_ecr_repository.main
}

output "repository_lifecycles" {
  value = { for name, lifecycle in aws_ecr_lifecycle_policy.main : name => jsondecode(lifecycle.policy).rules }
}
