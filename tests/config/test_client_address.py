"""config.client_address: who is calling, behind proxies that may be lied to."""

import pytest

from config.client_address import client_address


def test_without_proxies_the_connection_counts_and_the_header_is_a_claim():
    environ = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}

    assert client_address(environ, trusted_proxies=0) == "203.0.113.7"


def test_behind_one_proxy_a_forged_first_entry_changes_nothing():
    environ = {"REMOTE_ADDR": "10.0.0.5", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 203.0.113.7"}

    assert client_address(environ, trusted_proxies=1) == "203.0.113.7"


def test_behind_two_proxies_the_second_from_the_right_is_the_caller():
    environ = {"REMOTE_ADDR": "10.0.0.5", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7, 10.0.0.9"}

    assert client_address(environ, trusted_proxies=2) == "203.0.113.7"


def test_a_request_that_came_past_the_proxies_is_its_own_connection():
    environ = {"REMOTE_ADDR": "203.0.113.7", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}

    assert client_address(environ, trusted_proxies=2) == "203.0.113.7"


@pytest.mark.parametrize("address", ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"])
def test_all_addresses_of_one_ipv6_home_are_one_caller(address):
    assert client_address({"REMOTE_ADDR": address}, trusted_proxies=0) == "2001:db8:1:2::/64"


def test_an_ipv4_address_written_as_ipv6_is_the_ipv4_caller():
    assert client_address({"REMOTE_ADDR": "::ffff:203.0.113.7"}, trusted_proxies=0) == "203.0.113.7"


def test_an_address_with_a_zone_is_its_network_as_well():
    assert client_address({"REMOTE_ADDR": "fe80::1%eth0"}, trusted_proxies=0) == "fe80::/64"


def test_what_is_no_address_is_still_a_caller():
    assert client_address({"REMOTE_ADDR": "not:an:address"}, trusted_proxies=0) == "not:an:address"
