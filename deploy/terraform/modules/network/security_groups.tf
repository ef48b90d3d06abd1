# Who may talk to whom. A group names the group at the other end; addresses stand only where the internet
# begins. Every conversation is one line of `conversations`, and makes a rule at both ends.

locals {
  # EC2 takes no apostrophe in a description.
  groups = {
    lambda        = "The web tier"
    nodes         = "Nodes of EKS: workers, beat, migrations"
    control_plane = "API server of EKS"
    endpoints     = "Interface endpoints of AWS"
    proxy         = "RDS Proxy"
    database      = "Aurora"
    cache         = "Redis"
    kafka         = "Brokers of MSK"
  }

  conversations = {
    for line in [
      # from, to, ports
      ["lambda", "proxy", 3306, 3306],
      ["lambda", "cache", 6379, 6379],
      ["lambda", "endpoints", 443, 443],
      ["proxy", "database", 3306, 3306],
      ["nodes", "proxy", 3306, 3306],
      ["nodes", "database", 3306, 3306], # an operator's session: the proxy lets in nobody with a password
      ["nodes", "cache", 6379, 6379],
      ["nodes", "kafka", 9098, 9098], # 9098: TLS with IAM
      ["nodes", "endpoints", 443, 443],
      ["nodes", "control_plane", 443, 443],
      ["control_plane", "nodes", 10250, 10251], # kubelet, and the metrics server
      ["control_plane", "nodes", 6443, 6443],   # KEDA's metrics
      ["control_plane", "nodes", 9443, 9443],   # webhooks
      ["nodes", "nodes", 0, 65535],             # pods among themselves; NetworkPolicies say more
    ] : "${line[0]}-${line[1]}-${line[2]}" => { from = line[0], to = line[1], first = line[2], last = line[3] }
  }
}

resource "aws_security_group" "main" {
  #checkov:skip=CKV2_AWS_5: They are attached by the modules data, messaging and compute, and by Zappa.
  for_each = local.groups

  name        = "currency-service-${replace(each.key, "_", "-")}"
  description = each.value
  vpc_id      = aws_vpc.main.id

  tags = { Name = "currency-service-${replace(each.key, "_", "-")}" }
}

resource "aws_vpc_security_group_egress_rule" "conversation" {
  for_each = local.conversations

  security_group_id            = aws_security_group.main[each.value.from].id
  referenced_security_group_id = aws_security_group.main[each.value.to].id
  description                  = "To ${each.value.to}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.first
  to_port                      = each.value.last
}

resource "aws_vpc_security_group_ingress_rule" "conversation" {
  for_each = local.conversations

  security_group_id            = aws_security_group.main[each.value.to].id
  referenced_security_group_id = aws_security_group.main[each.value.from].id
  description                  = "From ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.first
  to_port                      = each.value.last
}

# CoreDNS is a pod like any other.
resource "aws_vpc_security_group_egress_rule" "dns" {
  security_group_id            = aws_security_group.main["nodes"].id
  referenced_security_group_id = aws_security_group.main["nodes"].id
  description                  = "To the DNS of the cluster"
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

resource "aws_vpc_security_group_ingress_rule" "dns" {
  security_group_id            = aws_security_group.main["nodes"].id
  referenced_security_group_id = aws_security_group.main["nodes"].id
  description                  = "From pods of the cluster"
  ip_protocol                  = "udp"
  from_port                    = 53
  to_port                      = 53
}

# S3 and DynamoDB have addresses of the internet, of which AWS keeps the list.
resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = { for pair in setproduct(["lambda", "nodes"], ["s3", "dynamodb"]) : join("-", pair) => pair }

  security_group_id = aws_security_group.main[each.value[0]].id
  prefix_list_id    = aws_vpc_endpoint.gateway[each.value[1]].prefix_list_id
  description       = "To ${each.value[1]}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# Workers ask the providers of rates, whose addresses nobody promises. The web tier asks nobody outside.
resource "aws_vpc_security_group_egress_rule" "internet" {
  security_group_id = aws_security_group.main["nodes"].id
  cidr_ipv4         = "0.0.0.0/0"
  description       = "To providers of rates, by HTTPS alone"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
