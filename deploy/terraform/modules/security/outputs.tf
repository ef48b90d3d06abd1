output "data_key_arn" {
  value = aws_kms_key.data.arn
}

output "messages_key_arn" {
  value = aws_kms_key.messages.arn
}

output "logs_key_arn" {
  value = aws_kms_key.logs.arn
}

output "lambda_role_arn" {
  value = aws_iam_role.lambda.arn
}

output "worker_role_arn" {
  value = aws_iam_role.pod["worker"].arn
}

output "beat_role_arn" {
  value = aws_iam_role.pod["beat"].arn
}

output "migrate_role_arn" {
  value = aws_iam_role.pod["migrate"].arn
}

output "ci_role_arn" {
  value = aws_iam_role.ci.arn
}

output "pod_roles" {
  description = "Which pods have which role: {namespace, service_account, role_arn}."
  value       = { for name, pod in local.pods : name => merge(pod, { role_arn = aws_iam_role.pod[name].arn }) }
}

output "policies" {
  description = "What each role may do."
  value = {
    for role, policy in merge(aws_iam_role_policy.pod, { lambda = aws_iam_role_policy.lambda, ci = aws_iam_role_policy.ci }) :
    role => jsondecode(policy.policy).Statement
  }
}
