"""idm: onboarding for public employers, from the hire event to the opened account.

The rooms, in reading order:

    errors          what can go wrong, in words, with an exit code
    faults          named places where tests kill the process
    connector       THE page for connector authors: resources, changes, Retry / Refused / Unknown
    connector_http  what connectors over HTTP share: one client that ends in time
    domain          pure: journeys, cases, authority, desired state, plan, naming, audit chain
    rows            the plain rows that cross the store's door
    ports_audit     the audit as flows see it: seals, and one look at all of it
    ports_doors     the portal's doors as flows see them: who is signed in, invitations, codes
    ports_hand_in   drafts and pages that aren't handed in, as flows see them
    ports_lists     lists at scale, as flows see them
    ports_notices   notices, reminders and due dates as flows see them
    ports_powers    powers as flows see them: delegations, substitutes, who is there to act
    ports_store     the database as flows see it
    ports           everything else that flows need, and `App`, which holds it all
    public_holidays Danish public holidays, by the library that knows them
    flow            use cases, one a file: intake, advance, provision, tasks, relay, sweep, ...
    store           SQLite and PostgreSQL: schema, migrations, statements
    dispatch        Celery: app, queues, publisher, consumer
    vault           documents encrypted at rest
    vault_keys      the installation's keys
    apart           runs a script of idm's own as a process of its own: what reads foreign files
    durable         files that are there whole or not at all
    vault_check     is an upload what it claims to be?
    vault_join      several pages become one PDF (vault_join_parse: in a process of its own)
    vault_parse     parses uploads in a process of its own
    page_pictures   pages of stored documents as pictures
    page_draw       draws them in a process of its own
    render          the only Jinja2 environment
    render_pages    the portal's pages, in two languages
    render_sandbox  what a template may do, and nothing else
    mail_texts      which mails there are, and the values of each
    template_check  can every mail be sent?
    mail            mails as a target system
    mail_smtp       the SMTP side of it
    sms             text messages: into a folder, or to a gateway
    policy_files    YAML that administrators own, into typed rules
    inputs          events, organisation files, task inputs: read strictly, every fault at once
    settings        from the environment
    process         which process is this, and is that one alive?
    clock           business time and machine time
    policies_in_force  the folder's policies, or the last sound set
    table_keeping   payroll tables looked at, edited and taken
    sealing         the keys that seal the audit, and the anchor outside the database
    portal_address  by which address people reach the portal
    connecting      a connector for each target system
    bootstrap       the only wiring
    initialise      makes an installation
    taking          a batch of events, each by itself
    worker          a process's consumer, relay and sweeper
    web             the portal, health, readiness, POST /events
    commands        the command line's groups
    demo            the main job, shown
    simulators      target systems to try idm on, in a process of their own
"""

__version__ = "0.1.0"
