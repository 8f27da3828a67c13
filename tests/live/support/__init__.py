# SPDX-License-Identifier: Apache-2.0
"""What the live tests stand on: servers, an account to breach, a thief, and a way to run cordon."""
