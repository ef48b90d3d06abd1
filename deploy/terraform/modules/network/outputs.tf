output "vpc" {
  value = aws_vpc.main
}

output "public_subnets" {
  value = aws_subnet.public
}

output "private_subnets" {
  value = aws_subnet.private
}

output "private_subnet_ids" {
  value = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "database_subnets" {
  value = aws_subnet.database
}

output "database_subnet_ids" {
  value = [for zone in var.zones : aws_subnet.database[zone].id]
}

output "nat_gateways" {
  value = aws_nat_gateway.main
}

output "way_out" {
  description = "Zone → the zone whose NAT gateway it leaves by."
  value       = local.way_out
}

output "endpoints" {
  value = merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface)
}

output "security_groups" {
  description = "Name → id."
  value       = { for name, group in aws_security_group.main : name => group.id }
}

output "conversations" {
  description = "Rules between groups: {from, to, first, last}."
  value       = local.conversations
}

output "internet_egress" {
  value = aws_vpc_security_group_egress_rule.internet
}
