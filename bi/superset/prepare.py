"""Runs in Superset's environment: makes or upgrades its metadata, the roles and one administrator.

What `superset db upgrade`, `superset fab create-admin` and `superset init` do, in one process instead of three: each
would take ten seconds to import Superset. The password comes from the environment, not from the command line, which
others see.
"""

import os

from flask_migrate import upgrade
from superset.app import create_app


def main() -> None:
    with create_app().app_context():
        from superset import appbuilder, security_manager

        upgrade(directory=os.path.join(os.path.dirname(__import__("superset").__file__), "migrations"))
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        if security_manager.find_user("admin") is None:
            made = security_manager.add_user(
                username="admin",
                first_name="Admin",
                last_name="Admin",
                email="admin@example.com",
                role=security_manager.find_role("Admin"),
                password=os.environ["SUPERSET_ADMIN_PASSWORD"],
            )
            if not made:
                raise SystemExit("Superset did not take the administrator")


if __name__ == "__main__":
    main()
